using System.Collections.Immutable;
using Portico.Api.Kinds;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <summary>Joins what the Ingresses say. Of two that claim the same host and path, or the certificate of a host, the older one has it.</summary>
internal static class IngressMerger
{
    public static MergedIngresses Merge(IEnumerable<CompiledIngress> ingresses)
    {
        var ordered = ingresses.ToArray();
        Array.Sort(ordered, CompiledIngress.ByAge);
        var rules = ImmutableArray.CreateBuilder<RouteRule>();
        var certificates = ImmutableArray.CreateBuilder<CertificateRule>();
        var owners = new Dictionary<(string Host, PathKind Kind, string Path), RouteRule>();
        var certificateOwners = new Dictionary<string, (ObjectKey Key, ServerCertificate Certificate)>(StringComparer.Ordinal);
        var problems = ImmutableDictionary.CreateBuilder<ObjectKey, ImmutableArray<Problem>>();
        foreach (var ingress in ordered)
        {
            var own = ingress.Problems.ToBuilder();
            foreach (var rule in ingress.Rules)
            {
                if (owners.TryAdd((rule.Host, rule.Kind, rule.Path), rule))
                {
                    rules.Add(rule);
                }
                else if (owners[(rule.Host, rule.Kind, rule.Path)] is { } winner && (winner.Owner != rule.Owner || winner.Backend != rule.Backend))
                {
                    own.Add(new(Reasons.Conflict, rule.Field, Taken(rule, winner)));
                }
            }

            foreach (var rule in ingress.Certificates)
            {
                if (certificateOwners.TryAdd(rule.Host, (ingress.Key, rule.Certificate)))
                {
                    certificates.Add(rule);
                }
                else if (certificateOwners[rule.Host] is var winner && !ReferenceEquals(winner.Certificate, rule.Certificate))
                {
                    own.Add(new(Reasons.Conflict, "spec.tls", $"host \"{rule.Host}\" already has the certificate of ingress {winner.Key} (secret {winner.Certificate.Source})"));
                }
            }

            problems[ingress.Key] = own.ToImmutable();
        }

        return new(new(rules.ToImmutable()), new(certificates.ToImmutable()), problems.ToImmutable());
    }

    private static string Taken(RouteRule rule, RouteRule winner)
    {
        var host = rule.Host.Length == 0 ? "every host" : $"host \"{rule.Host}\"";
        var what = rule.Kind == PathKind.Default ? $"the default backend of {host}" : $"{host}, {rule.Kind} path \"{rule.Path}\"";
        return $"{what} already belongs to ingress {winner.Owner} ({winner.Field})";
    }
}
