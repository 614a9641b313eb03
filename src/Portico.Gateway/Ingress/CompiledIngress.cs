using System.Collections.Immutable;
using Portico.Api.Kinds;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <summary>What one Ingress says, on its own: precedence over others is decided by <see cref="HostMerger"/>.</summary>
internal sealed record CompiledIngress(ObjectKey Key, DateTimeOffset Created)
{
    private Dictionary<string, HostClaim>? _claims;

    public ImmutableArray<RouteRule> Rules { get; init; } = [];

    public ImmutableArray<CertificateRule> Certificates { get; init; } = [];

    /// <summary>How each backend that the rules name is spoken to.</summary>
    public ImmutableDictionary<BackendKey, BackendProtocol> Backends { get; init; } = ImmutableDictionary<BackendKey, BackendProtocol>.Empty;

    public ImmutableArray<Problem> Problems { get; init; } = [];

    /// <summary>Services that were looked up, found or not: a change of one means compiling again.</summary>
    public ImmutableHashSet<ObjectKey> Services { get; init; } = [];

    /// <summary>Secrets that were looked up, found or not.</summary>
    public ImmutableHashSet<ObjectKey> Secrets { get; init; } = [];

    /// <summary>The rules and certificates by host.</summary>
    public IReadOnlyDictionary<string, HostClaim> Claims => _claims ??= Group();

    public IEnumerable<string> Hosts => Claims.Keys;

    /// <summary>Oldest first: the order in which Ingresses claim what they share.</summary>
    public static int ByAge(CompiledIngress one, CompiledIngress other)
    {
        var order = one.Created.CompareTo(other.Created);
        order = order != 0 ? order : string.CompareOrdinal(one.Key.Namespace, other.Key.Namespace);
        return order != 0 ? order : string.CompareOrdinal(one.Key.Name, other.Key.Name);
    }

    public bool Equals(CompiledIngress? other) =>
        other is not null && Key == other.Key && Created == other.Created && Rules.SequenceEqual(other.Rules)
        && Certificates.SequenceEqual(other.Certificates) && Problems.SequenceEqual(other.Problems)
        && Backends.Count == other.Backends.Count && Backends.All(pair => other.Backends.TryGetValue(pair.Key, out var protocol) && protocol == pair.Value)
        && Services.SetEquals(other.Services) && Secrets.SetEquals(other.Secrets);

    public override int GetHashCode() => Key.GetHashCode();

    private Dictionary<string, HostClaim> Group()
    {
        var claims = new Dictionary<string, HostClaim>(StringComparer.Ordinal);
        foreach (var rules in Rules.GroupBy(rule => rule.Host, StringComparer.Ordinal))
        {
            claims[rules.Key] = new(this, [.. rules], []);
        }

        foreach (var certificates in Certificates.GroupBy(rule => rule.Host, StringComparer.Ordinal))
        {
            claims[certificates.Key] = (claims.GetValueOrDefault(certificates.Key) ?? new(this, [], [])) with { Certificates = [.. certificates] };
        }

        return claims;
    }
}
