using System.Text.Json.Nodes;

namespace Portico.Server.Tables;

/// <summary>The columns of a kind and how a row is read from an object.</summary>
internal interface ITablePrinter
{
    IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>One cell a column.</summary>
    JsonNode?[] Cells(JsonObject item, DateTimeOffset now);
}
