using System.Collections.Immutable;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <summary>What one Ingress says about one host.</summary>
internal sealed record HostClaim(CompiledIngress Ingress, ImmutableArray<RouteRule> Rules, ImmutableArray<CertificateRule> Certificates);
