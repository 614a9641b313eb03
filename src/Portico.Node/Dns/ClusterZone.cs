using System.Net;
using System.Net.Sockets;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Net.Dns;

namespace Portico.Node.Dns;

/// <summary>
/// Answers from the zone of the cluster (specification: kubernetes/dns, docs/specification.md, version 1.1.0). A name below the zone either is, with or without records of the
/// type asked for, or is not: that decides between no data and NXDOMAIN.
/// </summary>
internal sealed class ClusterZone(ServiceIndex index, string domain)
{
    /// <summary>Seconds; as CoreDNS' kubernetes plug-in, so that clients notice a change soon.</summary>
    public const uint Ttl = 5;

    private const string SchemaVersion = "1.1.0";

    private readonly string _suffix = "." + domain;

    /// <summary>Null: the name is none of the cluster's.</summary>
    public DnsAnswer? Answer(string name, DnsType type)
    {
        if (ReverseName.TryRead(name, out var address))
        {
            return Reverse(name, type, address);
        }

        if (string.Equals(name, domain, StringComparison.OrdinalIgnoreCase))
        {
            return type is DnsType.Soa or DnsType.Any ? Found([Soa()]) : NoData();
        }

        if (!name.EndsWith(_suffix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var labels = name[..^_suffix.Length].ToLowerInvariant().Split('.');
        return labels switch
        {
            ["dns-version"] => type is DnsType.Txt or DnsType.Any ? Found([new(name, DnsType.Txt, Ttl) { Text = SchemaVersion }]) : NoData(),
            [.. var host, var service, var @namespace, "svc"] => OfService(name, type, host, new(@namespace, service)),
            [var dashed, _, "pod"] => Pod(name, type, dashed),
            ["svc"] or ["pod"] => NoData(),
            [var @namespace, "svc"] when @namespace.Length > 0 => NoData(),
            _ => NoName(),
        };
    }

    private DnsAnswer OfService(string name, DnsType type, string[] host, ObjectKey key)
    {
        if (index.Find(key) is not { } service)
        {
            return NoName();
        }

        if (service.Spec.Type == "ExternalName")
        {
            return host.Length > 0 || service.Spec.ExternalName is not { Length: > 0 } external
                ? NoName()
                : Found([new(name, DnsType.Cname, Ttl) { Target = external.TrimEnd('.') }]);
        }

        return host switch
        {
            [] => AddressAnswer(name, type, IsHeadless(service) ? Endpoints(service).Select(endpoint => endpoint.Address) : ClusterIPs(service)),
            [['_', .. var port], ['_', .. var protocol]] => Srv(name, type, service, port, protocol),
            [var one] when IsHeadless(service) && Endpoints(service).Where(endpoint => endpoint.Hostname == one).Select(endpoint => endpoint.Address).ToList() is { Count: > 0 } found =>
                AddressAnswer(name, type, found),
            _ => NoName(),
        };
    }

    private DnsAnswer AddressAnswer(string name, DnsType type, IEnumerable<IPAddress> addresses)
    {
        var known = addresses.Distinct().ToList();
        // As CoreDNS: a headless Service without an endpoint has no name.
        if (known.Count == 0)
        {
            return NoName();
        }

        var records = known.Where(address => type == DnsType.Any || TypeOf(address) == type).Select(address => new DnsRecord(name, TypeOf(address), Ttl) { Address = address }).ToList();
        return records.Count > 0 ? Found(records) : NoData();
    }

    private DnsAnswer Srv(string name, DnsType type, Service service, string port, string protocol)
    {
        var records = new List<DnsRecord>();
        var additionals = new List<DnsRecord>();
        var host = $"{service.Metadata.Name}.{service.Metadata.Namespace}.svc.{domain}";
        if (!IsHeadless(service))
        {
            foreach (var found in service.Spec.Ports.Where(candidate => Matches(candidate.Name, candidate.Protocol, port, protocol)))
            {
                records.Add(new(name, DnsType.Srv, Ttl) { Weight = 100, Port = (ushort)found.Port, Target = host });
                additionals.AddRange(ClusterIPs(service).Select(address => new DnsRecord(host, TypeOf(address), Ttl) { Address = address }));
            }
        }
        else
        {
            foreach (var slice in index.SlicesOf(ObjectKey.Of(service)))
            {
                foreach (var found in slice.Ports.Where(candidate => Matches(candidate.Name, candidate.Protocol, port, protocol)))
                {
                    foreach (var endpoint in Endpoints(service, slice))
                    {
                        var target = $"{endpoint.Hostname}.{host}";
                        records.Add(new(name, DnsType.Srv, Ttl) { Weight = 100, Port = (ushort)(found.Port ?? 0), Target = target });
                        additionals.Add(new(target, TypeOf(endpoint.Address), Ttl) { Address = endpoint.Address });
                    }
                }
            }
        }

        return records.Count == 0 ? NoName() : type is DnsType.Srv or DnsType.Any ? Found(records) with { Additionals = additionals } : NoData();
    }

    // "10-244-1-5.NAMESPACE.pod": says nothing about whether there is such a pod, as CoreDNS' default "pods insecure" of kubeadm.
    private DnsAnswer Pod(string name, DnsType type, string dashed) =>
        IPAddress.TryParse(dashed.Replace('-', '.'), out var v4) && v4.AddressFamily == AddressFamily.InterNetwork && dashed.Count(letter => letter == '-') == 3
            ? AddressAnswer(name, type, [v4])
            : IPAddress.TryParse(dashed.Replace('-', ':'), out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6 ? AddressAnswer(name, type, [v6]) : NoName();

    private DnsAnswer? Reverse(string name, DnsType type, IPAddress address)
    {
        string? target = null;
        if (index.ByClusterIP(address) is { } service)
        {
            target = $"{service.Metadata.Name}.{service.Metadata.Namespace}.svc.{domain}";
        }
        else if (index.ByEndpoint(address) is { } slice && ServiceIndex.ServiceOf(slice) is { Name.Length: > 0 } key)
        {
            var endpoint = slice.Endpoints.First(candidate => candidate.Addresses.Any(text => IPAddress.TryParse(text, out var known) && known.Equals(address)));
            target = $"{endpoint.Hostname ?? Dashed(address)}.{key.Name}.{key.Namespace}.svc.{domain}";
        }

        return target is null ? null : type is DnsType.Ptr or DnsType.Any ? Found([new(name, DnsType.Ptr, Ttl) { Target = target }]) : NoData();
    }

    private IEnumerable<(IPAddress Address, string Hostname)> Endpoints(Service service) =>
        index.SlicesOf(ObjectKey.Of(service)).SelectMany(slice => Endpoints(service, slice));

    private static IEnumerable<(IPAddress Address, string Hostname)> Endpoints(Service service, EndpointSlice slice)
    {
        foreach (var endpoint in slice.Endpoints)
        {
            if (endpoint.Conditions.Ready == false && service.Spec.PublishNotReadyAddresses != true)
            {
                continue;
            }

            foreach (var text in endpoint.Addresses)
            {
                if (IPAddress.TryParse(text, out var address))
                {
                    yield return (address, endpoint.Hostname is { Length: > 0 } name ? name.ToLowerInvariant() : Dashed(address));
                }
            }
        }
    }

    private static IEnumerable<IPAddress> ClusterIPs(Service service) =>
        (service.Spec.ClusterIPs.Count > 0 ? service.Spec.ClusterIPs : [service.Spec.ClusterIP ?? ""])
            .Select(text => IPAddress.TryParse(text, out var address) ? address : null)
            .OfType<IPAddress>();

    private static bool IsHeadless(Service service) => service.Spec.ClusterIP == "None";

    private static bool Matches(string? name, string? protocol, string wantedName, string wantedProtocol) =>
        string.Equals(name, wantedName, StringComparison.OrdinalIgnoreCase) && string.Equals(protocol ?? "TCP", wantedProtocol, StringComparison.OrdinalIgnoreCase);

    private static DnsType TypeOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa;

    private static string Dashed(IPAddress address) => address.ToString().Replace('.', '-').Replace(':', '-');

    private static DnsAnswer Found(IReadOnlyList<DnsRecord> records) => new() { IsAuthoritative = true, Answers = records };

    private DnsAnswer NoData() => new() { IsAuthoritative = true, Authorities = [Soa()] };

    private DnsAnswer NoName() => NoData() with { Code = DnsCode.NameError };

    private DnsRecord Soa() => new(domain, DnsType.Soa, Ttl) { Target = $"ns.dns.{domain}", Mailbox = $"hostmaster.{domain}", Minimum = Ttl };
}
