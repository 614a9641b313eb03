using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Requests;

namespace Portico.Node.Volumes;

internal sealed class KubernetesObjects(KubernetesClient client) : IClusterObjects
{
    private const int TokenSeconds = 3607; // as upstream's projected tokens

    public Task<ConfigMap?> GetConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        GetAsync(KnownKinds.ConfigMaps, @namespace, name, cancellationToken);

    public Task<Secret?> GetSecretAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        GetAsync(KnownKinds.Secrets, @namespace, name, cancellationToken);

    public async Task<ServiceAccountToken> RequestTokenAsync(Pod pod, CancellationToken cancellationToken)
    {
        var account = pod.Spec.ServiceAccountName is { Length: > 0 } name ? name : "default";
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject
            {
                ["expirationSeconds"] = TokenSeconds,
                ["boundObjectRef"] = new JsonObject
                {
                    ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = pod.Metadata.Name, ["uid"] = pod.Metadata.Uid,
                },
            },
        };
        using var content = new StringContent(request.ToJsonString());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var path = KnownKinds.ServiceAccounts.Resource.Path(pod.Metadata.Namespace, account, "token");
        using var response = await client.SendRawAsync(HttpMethod.Post, path, content, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new IOException($"serviceaccount {pod.Metadata.Namespace}/{account}: token request: HTTP {(int)response.StatusCode}");
        }

        using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        var status = answer.RootElement.GetProperty("status");
        return new(status.GetProperty("token").GetString()!, status.GetProperty("expirationTimestamp").GetDateTimeOffset());
    }

    private async Task<T?> GetAsync<T>(ResourceKind<T> kind, string @namespace, string name, CancellationToken cancellationToken)
        where T : class, IObject
    {
        var result = await client.GetAsync(kind, new(@namespace, name), cancellationToken);
        return result.IsNotFound ? null : result.OrThrow();
    }
}
