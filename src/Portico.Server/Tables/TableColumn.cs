using System.Text.Json.Nodes;

namespace Portico.Server.Tables;

/// <param name="Wide">Shown by <c>-o wide</c> only.</param>
internal sealed record TableColumn(string Name, string Type = "string", bool Wide = false)
{
    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["type"] = Type,
        ["format"] = Name == "Name" ? "name" : "",
        ["description"] = "",
        ["priority"] = Wide ? 1 : 0,
    };
}
