using System.Collections.Immutable;
using Portico.Api.Kinds;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <summary>Joins what several Ingresses say about one host. Of two that claim the same path, or the certificate, the older one has it.</summary>
internal static class HostMerger
{
    /// <param name="claims">In order of <see cref="CompiledIngress.ByAge"/>.</param>
    public static MergedHost Merge(IEnumerable<HostClaim> claims)
    {
        var rules = ImmutableArray.CreateBuilder<RouteRule>();
        var owners = new Dictionary<(PathKind Kind, string Path), RouteRule>();
        var conflicts = ImmutableDictionary.CreateBuilder<ObjectKey, ImmutableArray<Problem>>();
        CertificateRule? certificate = null;
        var certificateOwner = default(ObjectKey);
        foreach (var claim in claims)
        {
            var lost = ImmutableArray.CreateBuilder<Problem>();
            foreach (var rule in claim.Rules)
            {
                if (owners.TryAdd((rule.Kind, rule.Path), rule))
                {
                    rules.Add(rule);
                }
                else if (owners[(rule.Kind, rule.Path)] is var winner && (winner.Owner != rule.Owner || winner.Backend != rule.Backend))
                {
                    lost.Add(new(Reasons.Conflict, rule.Field, Taken(rule, winner)));
                }
            }

            foreach (var rule in claim.Certificates)
            {
                if (certificate is null)
                {
                    (certificate, certificateOwner) = (rule, claim.Ingress.Key);
                }
                else if (!ReferenceEquals(certificate.Certificate, rule.Certificate))
                {
                    lost.Add(new(
                        Reasons.Conflict, "spec.tls",
                        $"{Name(rule.Host)} already has the certificate of ingress {certificateOwner} (secret {certificate.Certificate.Source})"));
                }
            }

            if (lost.Count > 0)
            {
                conflicts[claim.Ingress.Key] = lost.ToImmutable();
            }
        }

        return new(rules.ToImmutable(), certificate?.Certificate, conflicts.ToImmutable());
    }

    private static string Taken(RouteRule rule, RouteRule winner)
    {
        var what = rule.Kind == PathKind.Default ? $"the default backend of {Name(rule.Host)}" : $"{Name(rule.Host)}, {rule.Kind} path \"{rule.Path}\"";
        return $"{what} already belongs to ingress {winner.Owner} ({winner.Field})";
    }

    private static string Name(string host) => host.Length == 0 ? "every host" : $"host \"{host}\"";
}
