using System.Globalization;
using System.Text.Json.Nodes;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Resources;
using Portico.Server.Store;

namespace Portico.Server.Tables;

/// <summary>Objects as meta.k8s.io/v1 Table: what <c>kubectl get</c> prints.</summary>
internal sealed class TableRenderer(ResourceRequest request, TimeProvider time) : IWatchRenderer
{
    private readonly ITablePrinter _printer = TablePrinters.For(request.Kind);
    private bool _columnsTold;

    public JsonObject Table(IEnumerable<StoredObject> items, long revision, string next, int? remaining)
    {
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) };
        if (next.Length > 0)
        {
            metadata["continue"] = next;
        }

        if (remaining is not null)
        {
            metadata["remainingItemCount"] = remaining;
        }

        var now = time.GetUtcNow();
        return Table(metadata, new JsonArray([.. items.Select(item => Row(item, now))]));
    }

    public ReadOnlyMemory<byte> Object(StoredObject item)
    {
        var metadata = new JsonObject { ["resourceVersion"] = item.Revision.ToString(CultureInfo.InvariantCulture) };
        return RawJson.Bytes(Table(metadata, new JsonArray(Row(item, time.GetUtcNow()))));
    }

    public ReadOnlyMemory<byte> Bookmark(long revision, bool endOfInitialEvents)
    {
        // kubectl reads the version of a bookmark from the object in the only row.
        var item = JsonNode.Parse(WholeRenderer.Bookmark(request.Kind.Kind, request.Kind.ApiVersion, revision, endOfInitialEvents))!;
        var cells = new JsonArray([.. _printer.Columns.Select(static _ => JsonValue.Create(""))]);
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) };
        return RawJson.Bytes(Table(metadata, new JsonArray(new JsonObject { ["cells"] = cells, ["object"] = item })));
    }

    private JsonObject Table(JsonObject metadata, JsonArray rows)
    {
        // In a watch only the first table bears the columns, as upstream.
        var columns = _columnsTold ? [] : new JsonArray([.. _printer.Columns.Select(static column => column.ToJson())]);
        _columnsTold = true;
        return new()
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = columns,
            ["rows"] = rows,
        };
    }

    private JsonObject Row(StoredObject stored, DateTimeOffset now)
    {
        var item = stored.Parse();
        var row = new JsonObject { ["cells"] = new JsonArray(_printer.Cells(item, now)) };
        switch (request.Query.IncludeObject)
        {
            case "None":
                break;
            case "Object":
                row["object"] = item;
                break;
            default:
                row["object"] = PartialMetadata.Of(item);
                break;
        }

        return row;
    }
}
