using System.Collections.Immutable;

namespace Portico.Gateway.Routing;

/// <summary>A certificate for one host name, "*.name", or "" for clients that name no host we know.</summary>
internal sealed record CertificateRule(string Host, ServerCertificate Certificate);

/// <summary>Of two rules with the same host, the first counts.</summary>
internal sealed record CertificatePlan(ImmutableArray<CertificateRule> Rules)
{
    public static readonly CertificatePlan Empty = new([]);

    public HostTable<ServerCertificate> Build(ServerCertificate fallback)
    {
        var byHost = new Dictionary<string, ServerCertificate>(StringComparer.Ordinal);
        foreach (var rule in Rules)
        {
            byHost.TryAdd(rule.Host, rule.Certificate);
        }

        byHost.TryAdd("", fallback);
        return new(byHost);
    }
}
