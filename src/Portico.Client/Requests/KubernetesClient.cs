using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Statuses;
using Portico.Client.Connections;

namespace Portico.Client.Requests;

/// <summary>Typed requests to a Kubernetes API. Network failures throw; answers, also refusals, are values.</summary>
public sealed class KubernetesClient(KubernetesConnection connection)
{
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");

    public KubernetesConnection Connection { get; } = connection;

    public Task<ApiResult<T>> GetAsync<T>(ResourceKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IObject =>
        SendAsync(HttpMethod.Get, kind.Resource.Path(key.Namespace, key.Name), null, kind.TypeInfo, cancellationToken);

    /// <summary>Lists everything that <paramref name="options"/> means, in pages.</summary>
    public async Task<ApiResult<ObjectList<T>>> ListAsync<T>(ResourceKind<T> kind, ListOptions options, CancellationToken cancellationToken)
        where T : class, IObject
    {
        const int pageSize = 500; // as client-go's reflector
        var items = new List<T>();
        string? token = null;
        while (true)
        {
            var path = $"{kind.Resource.Path(options.Namespace)}?{Query(options)}limit={pageSize}"
                + (token is null ? "" : $"&continue={Uri.EscapeDataString(token)}");
            var page = await SendAsync(HttpMethod.Get, path, null, kind.ListTypeInfo, cancellationToken);
            if (page.Value is not { } list)
            {
                return page;
            }

            items.AddRange(list.Items);
            token = list.Metadata.Continue;
            if (string.IsNullOrEmpty(token))
            {
                return ApiResult<ObjectList<T>>.Success(list with { Items = items });
            }
        }
    }

    public Task<ApiResult<T>> CreateAsync<T>(ResourceKind<T> kind, T item, CancellationToken cancellationToken)
        where T : class, IObject =>
        SendAsync(HttpMethod.Post, kind.Resource.Path(item.Metadata.Namespace), Content(item, kind.TypeInfo), kind.TypeInfo, cancellationToken);

    /// <summary>Creates an object that is not whole in its record, such as a pod from a template.</summary>
    /// <param name="namespace">Empty for cluster-scoped kinds.</param>
    public Task<ApiResult<T>> CreateAsync<T>(ResourceKind<T> kind, string @namespace, JsonNode item, CancellationToken cancellationToken)
        where T : class, IObject =>
        SendAsync(HttpMethod.Post, kind.Resource.Path(@namespace), Content(item), kind.TypeInfo, cancellationToken);

    /// <summary>Writes to a subresource that answers something else than the object, such as <c>binding</c> or <c>finalize</c>.</summary>
    /// <returns>The Status of the server, also on success.</returns>
    public Task<Status> WriteAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken) =>
        StatusAsync(method, path, body is null ? null : Content(body), cancellationToken);

    /// <summary>Replaces the object. Only for objects that we own whole: fields that the record does not know are lost.</summary>
    public Task<ApiResult<T>> UpdateAsync<T>(ResourceKind<T> kind, T item, CancellationToken cancellationToken)
        where T : class, IObject =>
        SendAsync(
            HttpMethod.Put, kind.Resource.Path(item.Metadata.Namespace, item.Metadata.Name), Content(item, kind.TypeInfo), kind.TypeInfo, cancellationToken);

    /// <param name="patchType">One of <see cref="PatchType"/>.</param>
    /// <param name="subresource">"status", "scale" or null.</param>
    public Task<ApiResult<T>> PatchAsync<T>(
        ResourceKind<T> kind, ObjectKey key, string patchType, JsonNode patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IObject
    {
        var content = new StringContent(patch.ToJsonString(ApiJson.Wire));
        content.Headers.ContentType = new MediaTypeHeaderValue(patchType);
        return SendAsync(HttpMethod.Patch, kind.Resource.Path(key.Namespace, key.Name, subresource), content, kind.TypeInfo, cancellationToken);
    }

    /// <param name="uid">Deletes only this incarnation of the object, when given.</param>
    /// <returns>The Status of the server, also on success: 404 and 409 are left to the caller.</returns>
    public Task<Status> DeleteAsync(
        ResourceKind kind, ObjectKey key, string? uid, long? gracePeriodSeconds, CancellationToken cancellationToken) =>
        DeleteAsync(kind, key, uid, gracePeriodSeconds, "Background", cancellationToken);

    /// <param name="uid">Deletes only this incarnation of the object, when given.</param>
    /// <param name="propagationPolicy">Background, Foreground or Orphan: what becomes of the objects that it owns.</param>
    /// <returns>The Status of the server, also on success: 404 and 409 are left to the caller.</returns>
    public Task<Status> DeleteAsync(
        ResourceKind kind, ObjectKey key, string? uid, long? gracePeriodSeconds, string propagationPolicy, CancellationToken cancellationToken)
    {
        var options = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["propagationPolicy"] = propagationPolicy };
        if (uid is not null)
        {
            options["preconditions"] = new JsonObject { ["uid"] = uid };
        }

        if (gracePeriodSeconds is { } seconds)
        {
            options["gracePeriodSeconds"] = seconds;
        }

        return StatusAsync(HttpMethod.Delete, kind.Path(key.Namespace, key.Name), Content(options), cancellationToken);
    }

    /// <summary>Deletes all objects of a kind in a namespace.</summary>
    /// <returns>The Status of the server, also on success.</returns>
    public Task<Status> DeleteCollectionAsync(ResourceKind kind, string @namespace, CancellationToken cancellationToken)
    {
        var options = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["propagationPolicy"] = "Background" };
        return StatusAsync(HttpMethod.Delete, kind.Path(@namespace), Content(options), cancellationToken);
    }

    /// <summary>Changes from <paramref name="resourceVersion"/> on, until the server ends the watch.</summary>
    /// <exception cref="KubernetesException">The server refused or reported an error; 410 asks for a new list.</exception>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ResourceKind<T> kind, ListOptions options, string resourceVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IObject
    {
        // Between 5 and 10 minutes, as client-go: a watch that died unseen is renewed in bounded time.
        var seconds = Random.Shared.Next(300, 600);
        var path = $"{kind.Resource.Path(options.Namespace)}?{Query(options)}watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds}"
            + $"&resourceVersion={Uri.EscapeDataString(resourceVersion)}";
        using var response = await Connection.SendAsync(HttpMethod.Get, path, null, null, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new KubernetesException(await FailureAsync(response, cancellationToken));
        }

        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var line in JsonLines.ReadAsync(stream, cancellationToken))
        {
            yield return WatchFrame.Read(line, kind.TypeInfo);
        }
    }

    /// <summary>A request whose answer is no object of a known kind, such as a log or a discovery document. The caller disposes the response.</summary>
    public Task<HttpResponseMessage> SendRawAsync(HttpMethod method, string pathAndQuery, HttpContent? content, CancellationToken cancellationToken) =>
        Connection.SendAsync(method, pathAndQuery, content, "*/*", cancellationToken);

    private static string Query(ListOptions options) =>
        (options.LabelSelector is null ? "" : $"labelSelector={Uri.EscapeDataString(options.LabelSelector)}&")
        + (options.FieldSelector is null ? "" : $"fieldSelector={Uri.EscapeDataString(options.FieldSelector)}&");

    private static ByteArrayContent Content<T>(T item, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(item, type));
        content.Headers.ContentType = JsonType;
        return content;
    }

    private static ByteArrayContent Content(JsonNode body)
    {
        var content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString(ApiJson.Wire)));
        content.Headers.ContentType = JsonType;
        return content;
    }

    private static async Task<Status> FailureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        try
        {
            if (JsonSerializer.Deserialize(body, ApiJson.TypeInfo<Status>()) is { Kind: "Status" } status)
            {
                return status with { Code = (int)response.StatusCode };
            }
        }
        catch (JsonException)
        {
            // A proxy in between answered; its status code is all there is.
        }

        return new() { Outcome = "Failure", Code = (int)response.StatusCode, Message = $"{response.RequestMessage?.RequestUri?.AbsolutePath}: HTTP {(int)response.StatusCode}" };
    }

    private async Task<Status> StatusAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var response = await Connection.SendAsync(method, path, content, null, cancellationToken);
        return response.IsSuccessStatusCode
            ? new() { Outcome = "Success", Code = (int)response.StatusCode }
            : await FailureAsync(response, cancellationToken);
    }

    private async Task<ApiResult<T>> SendAsync<T>(
        HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var response = await Connection.SendAsync(method, path, content, null, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return ApiResult<T>.Failed(await FailureAsync(response, cancellationToken));
        }

        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var value = await JsonSerializer.DeserializeAsync(stream, type, cancellationToken);
        return ApiResult<T>.Success(value ?? throw new InvalidDataException($"{method} {path}: the server answered null"));
    }
}
