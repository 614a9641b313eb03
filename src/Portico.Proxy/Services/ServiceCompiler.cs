using System.Collections.Immutable;
using System.Net;
using Portico.Api.Kinds;
using Portico.Api.Objects;

namespace Portico.Proxy.Services;

/// <summary>A Service and its slices → its plan on one node. Pure. Fields and their meaning: README.</summary>
public static class ServiceCompiler
{
    private const string ProxyNameLabel = "service.kubernetes.io/service-proxy-name"; // KEP-2447: another proxy's
    private const string AllocatedCondition = "portico.dev/AddressAllocated"; // the address comes from a pool of ours
    private const int DefaultAffinitySeconds = 10800; // core/v1 DefaultClientIPServiceAffinitySeconds

    public static ServicePlan Compile(Service service, IEnumerable<EndpointSlice> slices, CompileContext context)
    {
        var plan = new ServicePlan { Service = ObjectKey.Of(service), Created = service.Metadata.CreationTimestamp ?? default };
        if (service.Spec.Type == "ExternalName" || service.Metadata.Labels.ContainsKey(ProxyNameLabel) || service.Spec.ClusterIP is null or "" or "None")
        {
            return plan;
        }

        var problems = new List<string>();
        var connections = ConnectionOptions.Compile(service, context, problems);
        var own = new List<EndpointSlice>(slices);
        var addresses = Addresses(service, context, problems);
        // Of the proxies of two families, that of the first tells.
        ImmutableArray<string> Told() => IPAddress.TryParse(service.Spec.ClusterIP, out var first) && first.AddressFamily != context.Family ? [] : [.. problems];
        if (!addresses.Exists(static address => address.Kind == FrontendKind.ClusterIP))
        {
            return plan with { Problems = Told() }; // a Service of the other family
        }

        var frontends = ImmutableArray.CreateBuilder<Frontend>();
        var ready = new HashSet<IPAddress>();
        foreach (var port in service.Spec.Ports)
        {
            if (!Protocols.TryParse(port.Protocol, out var protocol) || port.Port is <= 0 or > ushort.MaxValue)
            {
                problems.Add($"spec.ports[{port.Name}]: {port.Protocol} port {port.Port} cannot be served");
                continue;
            }

            var endpoints = EndpointCollector.Collect(own, port.Name ?? "", protocol, context);
            AddFrontends(service, port, protocol, addresses, connections, endpoints, context, frontends);
            foreach (var endpoint in endpoints)
            {
                if (endpoint is { Ready: true, Terminating: false, Address.IsLocal: true })
                {
                    ready.Add(endpoint.Address.Address);
                }
            }
        }

        HealthCheckPort? health = service.Spec is { Type: "LoadBalancer", ExternalTrafficPolicy: "Local", HealthCheckNodePort: > 0 and <= ushort.MaxValue and var number }
            ? new(number, ready.Count)
            : null;
        if (health is not null && frontends.Count > 0)
        {
            frontends[0] = frontends[0] with { HealthCheckPort = health.Port };
        }

        return plan with { Frontends = frontends.DrainToImmutable(), HealthCheck = health, Problems = Told() };
    }

    private static void AddFrontends(
        Service service, ServicePort port, TransportProtocol protocol, List<(FrontendKind Kind, IPAddress Address, ValueList<IPNetwork>? Sources)> addresses,
        ConnectionOptions connections, List<PortEndpoint> endpoints, CompileContext context, ImmutableArray<Frontend>.Builder frontends)
    {
        ValueList<EndpointAddress> cluster = EndpointSelection.Cluster(endpoints, context);
        ValueList<EndpointAddress> local = EndpointSelection.Local(endpoints);
        ValueList<EndpointAddress> serving = protocol == TransportProtocol.Udp || connections.Cuts ? EndpointSelection.Serving(endpoints) : [];
        Frontend? first = null;
        foreach (var (kind, address, sources) in addresses)
        {
            var number = kind == FrontendKind.NodePort ? port.NodePort ?? 0 : port.Port;
            if (number is <= 0 or > ushort.MaxValue)
            {
                continue;
            }

            var policy = kind == FrontendKind.ClusterIP ? service.Spec.InternalTrafficPolicy : service.Spec.ExternalTrafficPolicy;
            var isLocal = policy == "Local";
            var key = new FrontendKey(address, protocol, (ushort)number);
            var frontend = new Frontend
            {
                Key = key,
                PortKey = first?.Key ?? key,
                Kind = kind,
                Service = ObjectKey.Of(service),
                PortName = port.Name ?? "",
                LocalPolicy = isLocal,
                Masquerade = kind == FrontendKind.ClusterIP ? Masquerade.NotPods : isLocal || connections.KeepsClient ? Masquerade.Node : Masquerade.Everybody,
                Cluster = cluster,
                Local = isLocal ? local : default,
                Serving = serving,
                Affinity = Affinity(service),
                ChoosesApart = kind != FrontendKind.ClusterIP && first is { Kind: FrontendKind.ClusterIP } && (isLocal || first.LocalPolicy),
                Algorithm = connections.Algorithm,
                OwnsAddress = kind == FrontendKind.ClusterIP || (kind == FrontendKind.LoadBalancer && IsAllocated(service)),
                AllowedSources = sources,
                CutsConnections = connections.Cuts,
                ProxyProtocol = protocol == TransportProtocol.Tcp ? connections.ProxyProtocol : ProxyProtocolVersion.None,
            };
            first ??= frontend;
            frontends.Add(frontend);
        }
    }

    // Others' balancers may have put an address there that serves more than this Service, even a node's own.
    private static bool IsAllocated(Service service) => service.Status.Conditions.Any(static condition => condition is { Type: AllocatedCondition, Status: "True" });

    private static TimeSpan? Affinity(Service service) => service.Spec.SessionAffinity == "ClientIP"
        ? TimeSpan.FromSeconds(Math.Clamp(service.Spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? DefaultAffinitySeconds, 1, 86400))
        : null;

    private static List<(FrontendKind Kind, IPAddress Address, ValueList<IPNetwork>? Sources)> Addresses(
        Service service, CompileContext context, List<string> problems)
    {
        var found = new List<(FrontendKind, IPAddress, ValueList<IPNetwork>?)>();
        var seen = new HashSet<IPAddress>();
        IReadOnlyList<string> clusterIPs = service.Spec.ClusterIPs.Count > 0 ? service.Spec.ClusterIPs : [service.Spec.ClusterIP!];
        Add(FrontendKind.ClusterIP, "spec.clusterIPs", clusterIPs, null);

        var vips = new List<string>();
        foreach (var ingress in service.Status.LoadBalancer.Ingress)
        {
            // ipMode Proxy: the balancer outside ends the connection itself, so the node must not short-circuit it (KEP-1860).
            if (ingress.Ip is { Length: > 0 } ip && ingress.IpMode is null or "" or "VIP")
            {
                vips.Add(ip);
            }
        }

        if (vips.Count > 0)
        {
            Add(FrontendKind.LoadBalancer, "status.loadBalancer.ingress", vips, SourceRanges.Compile(service.Spec.LoadBalancerSourceRanges, context.Family, problems));
        }

        // After the balancer's: where both name an address, its source ranges hold.
        Add(FrontendKind.ExternalIP, "spec.externalIPs", service.Spec.ExternalIPs, null);
        foreach (var address in context.NodePortAddresses)
        {
            found.Add((FrontendKind.NodePort, address, null));
        }

        return found;

        void Add(FrontendKind kind, string field, IReadOnlyList<string> values, ValueList<IPNetwork>? sources)
        {
            foreach (var value in values)
            {
                if (!IPAddress.TryParse(value, out var address))
                {
                    problems.Add($"{field}: '{value}' is no IP address");
                }
                else if (address.AddressFamily == context.Family && seen.Add(address))
                {
                    found.Add((kind, address, sources is { } ranges ? WithOwn(ranges, address) : default(ValueList<IPNetwork>?)));
                }
            }
        }

        // A node's own packet to the address leaves with the address as its source where the address is bound to the node.
        ValueList<IPNetwork> WithOwn(ValueList<IPNetwork> ranges, IPAddress vip)
        {
            foreach (var node in context.NodeAddresses)
            {
                if (SourceRanges.Contains(ranges, node))
                {
                    return SourceRanges.Disjoint([.. ranges, new IPNetwork(vip, vip.GetAddressBytes().Length * 8)]);
                }
            }

            return ranges;
        }
    }
}
