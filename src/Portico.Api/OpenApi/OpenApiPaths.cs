using System.Text.Json.Nodes;
using Portico.Api.Kinds;

namespace Portico.Api.OpenApi;

/// <summary>The paths of kinds and their operations, with what kubectl looks for: the kind of each and its query parameters.</summary>
internal static class OpenApiPaths
{
    public static JsonObject Of(IEnumerable<ResourceKind> kinds, OpenApiDialect dialect)
    {
        var paths = new JsonObject();
        foreach (var kind in kinds)
        {
            var root = $"/{OpenApiText.Path(kind.ApiVersion)}";
            var collection = kind.Namespaced ? $"{root}/namespaces/{{namespace}}/{kind.Plural}" : $"{root}/{kind.Plural}";
            var name = OpenApiDefinitions.Name(kind.Group, kind.Version, kind.Kind);
            if (kind.Namespaced)
            {
                paths[$"{root}/{kind.Plural}"] = Path(dialect, []).With("get", Read(dialect, kind, "list", $"{name}List", OpenApiParameters.List));
            }

            paths[collection] = Path(dialect, kind.Namespaced ? ["namespace"] : [])
                .With("get", Read(dialect, kind, "list", $"{name}List", OpenApiParameters.List))
                .With("post", Write(dialect, kind, "post", name))
                .With("delete", Delete(dialect, kind, "deletecollection"));
            string[] keys = kind.Namespaced ? ["name", "namespace"] : ["name"];
            paths[$"{collection}/{{name}}"] = Path(dialect, keys)
                .With("get", Read(dialect, kind, "get", name, []))
                .With("put", Write(dialect, kind, "put", name))
                .With("patch", Write(dialect, kind, "patch", name))
                .With("delete", Delete(dialect, kind, "delete"));
            if (kind.HasStatus)
            {
                paths[$"{collection}/{{name}}/status"] = Subresource(dialect, keys, kind, name);
            }

            if (kind.HasScale)
            {
                var scale = new ResourceKind("autoscaling", "v1", "Scale", "scale", kind.Namespaced);
                paths[$"{collection}/{{name}}/scale"] = Subresource(dialect, keys, scale, OpenApiDefinitions.Name("autoscaling", "v1", "Scale"));
            }
        }

        return paths;
    }

    private static JsonObject Subresource(OpenApiDialect dialect, string[] keys, ResourceKind kind, string body) => Path(dialect, keys)
        .With("get", Read(dialect, kind, "get", body, []))
        .With("put", Write(dialect, kind, "put", body))
        .With("patch", Write(dialect, kind, "patch", body));

    private static JsonObject Path(OpenApiDialect dialect, IEnumerable<string> keys)
    {
        var parameters = new JsonArray();
        foreach (var key in keys)
        {
            parameters.Add((JsonNode)OpenApiParameters.Of(dialect, "path", key, "string", required: true));
        }

        parameters.Add((JsonNode)OpenApiParameters.Of(dialect, "query", "pretty", "string"));
        return new() { ["parameters"] = parameters };
    }

    private static JsonObject Read(OpenApiDialect dialect, ResourceKind kind, string action, string result, IReadOnlyList<(string, string)> query) =>
        Operation(dialect, kind, action, OpenApiParameters.Of(dialect, query), null, result);

    private static JsonObject Delete(OpenApiDialect dialect, ResourceKind kind, string action) => Operation(
        dialect, kind, action, OpenApiParameters.Of(dialect, action == "delete" ? OpenApiParameters.Delete : [.. OpenApiParameters.Delete, .. OpenApiParameters.List]),
        $"{OpenApiDefinitions.Meta}DeleteOptions", $"{OpenApiDefinitions.Meta}Status");

    private static JsonObject Write(OpenApiDialect dialect, ResourceKind kind, string action, string name) => Operation(
        dialect, kind, action, OpenApiParameters.Of(dialect, action == "patch" ? [.. OpenApiParameters.Write, ("force", "boolean")] : OpenApiParameters.Write),
        action == "patch" ? $"{OpenApiDefinitions.Meta}Patch" : name, name);

    private static JsonObject Operation(OpenApiDialect dialect, ResourceKind kind, string action, JsonArray parameters, string? body, string result)
    {
        var operation = new JsonObject();
        var consumes = action == "patch"
            ? (string[])["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"]
            : ["application/json", "application/yaml"];
        if (dialect == OpenApiDialect.V2)
        {
            operation["produces"] = new JsonArray("application/json");
            operation["consumes"] = body is null ? new JsonArray("*/*") : Strings(consumes);
            if (body is not null)
            {
                parameters.Insert(0, new JsonObject
                {
                    ["name"] = "body", ["in"] = "body", ["required"] = action != "delete", ["schema"] = OpenApiText.Reference(body, dialect),
                });
            }
        }
        else if (body is not null)
        {
            var content = new JsonObject();
            foreach (var type in consumes)
            {
                content[type] = new JsonObject { ["schema"] = OpenApiText.Reference(body, dialect) };
            }

            operation["requestBody"] = new JsonObject { ["content"] = content };
        }

        operation["parameters"] = parameters;
        operation["responses"] = new JsonObject { ["200"] = Response(dialect, result) };
        operation["x-kubernetes-action"] = action;
        operation["x-kubernetes-group-version-kind"] = OpenApiText.GroupVersionKind(kind.Group, kind.Version, kind.Kind);
        return operation;
    }

    private static JsonObject Response(OpenApiDialect dialect, string result)
    {
        var schema = OpenApiText.Reference(result, dialect);
        return dialect == OpenApiDialect.V2
            ? new() { ["description"] = "OK", ["schema"] = schema }
            : new() { ["description"] = "OK", ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } } };
    }

    private static JsonArray Strings(IEnumerable<string> items) => new([.. items.Select(static item => JsonValue.Create(item))]);

    private static JsonObject With(this JsonObject path, string method, JsonObject operation)
    {
        path[method] = operation;
        return path;
    }
}
