using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Authentication;
using Portico.Server.Requests;
using Portico.Server.Store;

namespace Portico.Server.Subresources;

/// <summary>serviceaccounts/token: a TokenRequest is answered by a token that ends by itself.</summary>
internal sealed class TokenEndpoint(IObjectStore store, ServiceAccountTokens tokens, TimeProvider time)
{
    private const long DefaultSeconds = 3600;
    private const long MinSeconds = 600;
    private const long MaxSeconds = 1L << 32;

    public async Task<Answer> CreateAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(request.Context, cancellationToken);
        if (body.Refusal is not null)
        {
            return Answer.Refuse(body.Refusal);
        }

        if (store.Get(request.Key) is not { } account)
        {
            return Answer.Refuse(Refusal.NotFound(request.Kind, request.Name));
        }

        var asked = body.Node as JsonObject ?? [];
        var seconds = asked.Number("spec", "expirationSeconds") ?? DefaultSeconds;
        if (seconds is < MinSeconds or > MaxSeconds)
        {
            var message = seconds < MinSeconds ? "may not specify a duration less than 10 minutes" : "may not specify a duration larger than 2^32 seconds";
            return Answer.Refuse(Refusal.Invalid(
                new("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests", true),
                request.Name,
                [new() { Reason = "FieldValueInvalid", Field = "spec.expirationSeconds", Message = $"Invalid value: {seconds}: {message}" }]));
        }

        var (bound, refusal) = Bound(request, asked.At("spec", "boundObjectRef"));
        if (refusal is not null)
        {
            return Answer.Refuse(refusal);
        }

        var audiences = asked.Texts("spec", "audiences").ToList();
        if (audiences.Count == 0)
        {
            audiences.Add(ServiceAccountTokens.Audience);
        }

        var expires = time.GetUtcNow().AddSeconds(seconds);
        var spec = asked.Child("spec");
        (spec["audiences"], spec["expirationSeconds"]) = (new JsonArray([.. audiences]), seconds);
        asked["kind"] = "TokenRequest";
        asked["apiVersion"] = "authentication.k8s.io/v1";
        asked["metadata"] = new JsonObject { ["name"] = request.Name, ["namespace"] = request.Namespace, ["creationTimestamp"] = TimeConverter.Format(time.GetUtcNow()) };
        asked["status"] = new JsonObject { ["token"] = tokens.Issue(account, audiences, expires, bound), ["expirationTimestamp"] = TimeConverter.Format(expires) };
        return Answer.Json(asked, 201);
    }

    private ((string Kind, string Name, string Uid)? Bound, Status? Refusal) Bound(ResourceRequest request, JsonNode? reference)
    {
        if (reference is null)
        {
            return (null, null);
        }

        var (kind, name) = (reference.Text("kind"), reference.Text("name") ?? "");
        if (kind is not ("Pod" or "Secret"))
        {
            return (null, Refusal.BadRequest($"cannot bind token for serviceaccount \"{request.Name}\" to object of kind \"{kind}\": Pod and Secret can be bound"));
        }

        var resource = kind == "Pod" ? KnownKinds.Pods.Resource : KnownKinds.Secrets.Resource;
        if (store.Get(new(resource.GroupResource, request.Namespace, name)) is not { } stored)
        {
            return (null, Refusal.NotFound(resource, name));
        }

        var uid = RawJson.Text(stored.Json, "metadata", "uid") ?? "";
        return reference.Text("uid") is { } wanted && wanted != uid
            ? (null, Refusal.Conflict(resource, name, $"the UID in the bound object reference ({wanted}) does not match the UID in record ({uid})"))
            : ((kind, name, uid), null);
    }
}
