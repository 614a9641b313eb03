using System.Text.Json.Nodes;

namespace Portico.Server.Tables;

/// <summary>A printer that is a list of columns and a function.</summary>
internal sealed class TablePrinter(IReadOnlyList<TableColumn> columns, Func<JsonObject, DateTimeOffset, JsonNode?[]> cells) : ITablePrinter
{
    public IReadOnlyList<TableColumn> Columns { get; } = columns;

    public JsonNode?[] Cells(JsonObject item, DateTimeOffset now) => cells(item, now);
}
