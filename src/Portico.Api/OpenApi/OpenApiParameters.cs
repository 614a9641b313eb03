using System.Text.Json.Nodes;

namespace Portico.Api.OpenApi;

/// <summary>Query parameters of the operations.</summary>
internal static class OpenApiParameters
{
    public static readonly IReadOnlyList<(string Name, string Type)> List =
    [
        ("allowWatchBookmarks", "boolean"), ("continue", "string"), ("fieldSelector", "string"), ("labelSelector", "string"), ("limit", "integer"),
        ("resourceVersion", "string"), ("resourceVersionMatch", "string"), ("timeoutSeconds", "integer"), ("watch", "boolean"),
    ];

    // kubectl sends fieldValidation only where it finds it here.
    public static readonly IReadOnlyList<(string Name, string Type)> Write =
        [("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string")];

    public static readonly IReadOnlyList<(string Name, string Type)> Delete =
        [("dryRun", "string"), ("gracePeriodSeconds", "integer"), ("orphanDependents", "boolean"), ("propagationPolicy", "string")];

    public static JsonArray Of(OpenApiDialect dialect, IEnumerable<(string Name, string Type)> query) =>
        new([.. query.Select(item => Of(dialect, "query", item.Name, item.Type))]);

    public static JsonObject Of(OpenApiDialect dialect, string place, string name, string type, bool required = false)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place };
        if (required)
        {
            parameter["required"] = true;
        }

        if (dialect == OpenApiDialect.V2)
        {
            parameter["type"] = type;
            parameter["uniqueItems"] = true;
        }
        else
        {
            parameter["schema"] = new JsonObject { ["type"] = type, ["uniqueItems"] = true };
        }

        return parameter;
    }
}
