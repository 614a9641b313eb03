using System.Collections.Immutable;
using Portico.Api.Objects;

namespace Portico.Node.Containers;

/// <summary>ConfigMaps and Secrets of one namespace that a pod refers to, as they were fetched. One that does not exist is not in here.</summary>
internal sealed record References
{
    public ImmutableDictionary<string, ConfigMap> ConfigMaps { get; init; } = ImmutableDictionary<string, ConfigMap>.Empty;

    public ImmutableDictionary<string, Secret> Secrets { get; init; } = ImmutableDictionary<string, Secret>.Empty;
}
