using System.Text.Json.Nodes;

namespace Portico.Api.Patches;

/// <summary>Bounds recursion: a patch or an object nested deeper than any real one is refused instead of using up the stack.</summary>
internal static class JsonDepth
{
    public const int Max = 200;

    public static readonly PatchResult Refused = PatchResult.Fail(PatchFailure.Malformed, $"patch is nested deeper than {Max} levels");

    public static bool Exceeds(JsonNode? node, int limit = Max)
    {
        if (limit < 0)
        {
            return true;
        }

        switch (node)
        {
            case JsonObject map:
                foreach (var (_, value) in map)
                {
                    if (value is JsonObject or JsonArray && Exceeds(value, limit - 1))
                    {
                        return true;
                    }
                }

                return false;
            case JsonArray list:
                foreach (var value in list)
                {
                    if (value is JsonObject or JsonArray && Exceeds(value, limit - 1))
                    {
                        return true;
                    }
                }

                return false;
            default:
                return false;
        }
    }
}
