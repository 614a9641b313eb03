using Portico.Api.Kinds;
using Portico.Api.Objects;

namespace Portico.Gateway.Ingress;

/// <summary>What compiling an Ingress may look at beside it.</summary>
/// <param name="Secret">Null when there is no such Secret.</param>
internal sealed record ClusterView(IReadOnlyDictionary<ObjectKey, Service> Services, Func<ObjectKey, SecretResult?> Secret);
