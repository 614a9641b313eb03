using System.Collections.Immutable;
using Portico.Api.Kinds;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <param name="Problems">One entry for every Ingress of ours, empty when all is well.</param>
internal sealed record MergedIngresses(
    RoutePlan Routes, CertificatePlan Certificates, ImmutableDictionary<ObjectKey, ImmutableArray<Problem>> Problems);
