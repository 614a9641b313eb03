using System.Collections.Immutable;
using Portico.Api.Objects;
using Portico.Node.Containers;

namespace Portico.Node.Volumes;

/// <summary>Fetches the ConfigMaps and Secrets that a pod refers to.</summary>
internal static class ReferenceReader
{
    public static Task<References> ReadAsync(Pod pod, Container container, IClusterObjects objects, CancellationToken cancellationToken) => ReadAsync(
        pod.Metadata.Namespace,
        [
            .. container.Env.Select(variable => variable.ValueFrom?.ConfigMapKeyRef?.Name),
            .. container.EnvFrom.Select(source => source.ConfigMapRef?.Name),
        ],
        [
            .. container.Env.Select(variable => variable.ValueFrom?.SecretKeyRef?.Name),
            .. container.EnvFrom.Select(source => source.SecretRef?.Name),
        ],
        objects,
        cancellationToken);

    /// <summary>Those of its volumes.</summary>
    public static Task<References> ReadAsync(Pod pod, IClusterObjects objects, CancellationToken cancellationToken) => ReadAsync(
        pod.Metadata.Namespace,
        [.. pod.Spec.Volumes.Select(volume => volume.ConfigMap?.Name)],
        [.. pod.Spec.Volumes.Select(volume => volume.Secret?.SecretName)],
        objects,
        cancellationToken);

    private static async Task<References> ReadAsync(
        string @namespace, IReadOnlyList<string?> maps, IReadOnlyList<string?> secrets, IClusterObjects objects, CancellationToken cancellationToken)
    {
        var foundMaps = ImmutableDictionary.CreateBuilder<string, ConfigMap>();
        foreach (var name in maps.Distinct())
        {
            if (name is not null && await objects.GetConfigMapAsync(@namespace, name, cancellationToken) is { } found)
            {
                foundMaps[name] = found;
            }
        }

        var foundSecrets = ImmutableDictionary.CreateBuilder<string, Secret>();
        foreach (var name in secrets.Distinct())
        {
            if (name is not null && await objects.GetSecretAsync(@namespace, name, cancellationToken) is { } found)
            {
                foundSecrets[name] = found;
            }
        }

        return new() { ConfigMaps = foundMaps.ToImmutable(), Secrets = foundSecrets.ToImmutable() };
    }
}
