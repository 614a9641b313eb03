using Portico.Api.Objects;

namespace Portico.Node.Volumes;

/// <summary>What pods refer to, from the API server. Null: there is no such object.</summary>
internal interface IClusterObjects
{
    Task<ConfigMap?> GetConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken);

    Task<Secret?> GetSecretAsync(string @namespace, string name, CancellationToken cancellationToken);

    /// <summary>A token of the pod's service account, bound to the pod.</summary>
    /// <exception cref="IOException">The server gave none; the message says why.</exception>
    Task<ServiceAccountToken> RequestTokenAsync(Pod pod, CancellationToken cancellationToken);
}
