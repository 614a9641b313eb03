using System.Text.Json.Nodes;

namespace Portico.Api.Patches;

/// <summary>How many nodes a document has: what copying it costs.</summary>
internal static class JsonSize
{
    public static int Count(JsonNode? node)
    {
        var count = 1;
        switch (node)
        {
            case JsonObject map:
                foreach (var (_, value) in map)
                {
                    count += Count(value);
                }

                break;
            case JsonArray list:
                foreach (var value in list)
                {
                    count += Count(value);
                }

                break;
        }

        return count;
    }
}
