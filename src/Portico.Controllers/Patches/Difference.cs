using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Portico.Api.Patches;

namespace Portico.Controllers.Patches;

/// <summary>What has to be written so that an object becomes another one.</summary>
internal static class Difference
{
    /// <summary>A JSON merge patch; null when nothing changed.</summary>
    public static JsonObject? Between<T>(T before, T after, JsonTypeInfo<T> type)
    {
        var patch = MergePatch.Diff(ToJson(before, type), ToJson(after, type));
        return patch.Count > 0 ? patch : null;
    }

    private static JsonObject ToJson<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToNode(value, type) as JsonObject ?? [];
}
