using System.Text.Json.Nodes;
using Portico.Api.Schemas;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Requests;

namespace Portico.Server.Resources;

/// <summary>Checks that a body is an object of the kind that its path says, and what its schema says about its fields.</summary>
internal static class ObjectDecoder
{
    /// <summary>Null when the body holds.</summary>
    public static Status? Check(ResourceRequest request, RequestBody body, out JsonObject item)
    {
        item = body.Node as JsonObject ?? [];
        if (body.Refusal is not null)
        {
            return body.Refusal;
        }

        if (body.Node is not JsonObject)
        {
            return Refusal.BadRequest("the body of the request is no object");
        }

        return CheckType(request, item) ?? CheckFields(request, item, null, body.Duplicates);
    }

    /// <param name="old">Unknown fields that it has already are not reported again.</param>
    public static Status? CheckFields(ResourceRequest request, JsonObject item, JsonObject? old, IReadOnlyList<string> duplicates)
    {
        var kind = request.Kind;
        var schema = KindSchemas.For(kind);
        var findings = SchemaChecker.Check(item, schema);
        if (findings.TypeErrors.Count > 0)
        {
            return Refusal.BadRequest(
                $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: {string.Join(", ", findings.TypeErrors.Select(static one => one.Message))}");
        }

        if (request.Query.FieldValidation == FieldValidation.Ignore || (findings.UnknownFields.Count == 0 && duplicates.Count == 0))
        {
            return null;
        }

        var known = old is null ? [] : SchemaChecker.Check(old, schema).UnknownFields.Select(static one => one.Path).ToHashSet();
        var messages = findings.UnknownFields.Where(one => !known.Contains(one.Path)).Select(static one => one.Message)
            .Concat(duplicates.Select(static path => $"duplicate field \"{path}\"")).ToList();
        if (request.Query.FieldValidation == FieldValidation.Strict && messages.Count > 0)
        {
            return Refusal.BadRequest(
                $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: strict decoding error: {string.Join(", ", messages)}");
        }

        foreach (var message in messages)
        {
            request.Warn(message);
        }

        return null;
    }

    private static Status? CheckType(ResourceRequest request, JsonObject item)
    {
        var kind = request.Kind;
        if (item.Text("kind") is { } name && name != kind.Kind)
        {
            return Refusal.BadRequest($"{name} in version \"{item.Text("apiVersion")}\" cannot be handled as a {kind.Kind}");
        }

        if (item.Text("apiVersion") is { } version && version != kind.ApiVersion)
        {
            return Refusal.BadRequest(
                $"the API version in the data ({version}) does not match the expected API version ({kind.ApiVersion})");
        }

        // Stored and served objects always say what they are.
        item["kind"] = kind.Kind;
        item["apiVersion"] = kind.ApiVersion;
        return null;
    }
}
