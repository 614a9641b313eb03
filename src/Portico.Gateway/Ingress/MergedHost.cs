using System.Collections.Immutable;
using Portico.Api.Kinds;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <param name="Rules">Of two alike, only the one that counts.</param>
/// <param name="Conflicts">By the Ingress that lost.</param>
internal sealed record MergedHost(
    ImmutableArray<RouteRule> Rules, ServerCertificate? Certificate, ImmutableDictionary<ObjectKey, ImmutableArray<Problem>> Conflicts)
{
    public static readonly MergedHost Empty = new([], null, ImmutableDictionary<ObjectKey, ImmutableArray<Problem>>.Empty);
}
