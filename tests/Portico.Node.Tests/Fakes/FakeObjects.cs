using System.Collections.Concurrent;
using Portico.Api.Objects;
using Portico.Node.Volumes;

namespace Portico.Node.Tests.Fakes;

internal sealed class FakeObjects : IClusterObjects
{
    public ConcurrentDictionary<string, ConfigMap> ConfigMaps { get; } = [];

    public ConcurrentDictionary<string, Secret> Secrets { get; } = [];

    public Task<ConfigMap?> GetConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(ConfigMaps.GetValueOrDefault(name));

    public Task<Secret?> GetSecretAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(Secrets.GetValueOrDefault(name));

    public Task<ServiceAccountToken> RequestTokenAsync(Pod pod, CancellationToken cancellationToken) =>
        Task.FromResult(new ServiceAccountToken($"token of {pod.Metadata.Name}", TimeProvider.System.GetUtcNow().AddHours(1)));
}
