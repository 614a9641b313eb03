using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Statuses;

namespace Portico.Api.Validation;

/// <summary>Defaults and validation of every kind, as Kubernetes has them. Objects are raw JSON, so unknown fields survive.</summary>
public static class ObjectRules
{
    private static readonly Dictionary<(string Group, string Kind), IObjectRules> ByKind = new()
    {
    };

    /// <summary>Fills in, in place, what the API server fills in when a client leaves it out.</summary>
    public static void Default(ResourceKind kind, JsonObject item) => ByKind.GetValueOrDefault((kind.Group, kind.Kind))?.Default(item);

    /// <summary>What is wrong with an object after <see cref="Default"/>; empty when nothing is.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="candidate">The object as it would be stored.</param>
    /// <param name="old">The stored object on an update; null on create.</param>
    public static IReadOnlyList<StatusCause> Validate(ResourceKind kind, JsonObject candidate, JsonObject? old)
    {
        var problems = new Problems();
        var item = new Field(candidate, "");
        var before = new Field(old, "");
        MetadataRules.Validate(kind, item["metadata"], before["metadata"], problems);
        ByKind.GetValueOrDefault((kind.Group, kind.Kind))?.Validate(item, before, problems);
        return problems.Causes;
    }
}
