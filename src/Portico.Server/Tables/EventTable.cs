using System.Text.Json.Nodes;
using Portico.Server.Requests;

namespace Portico.Server.Tables;

internal static class EventTable
{
    public static readonly TablePrinter Printer = new(
        [
            new("Last Seen"), new("Type"), new("Reason"), new("Object"), new("Subobject", Wide: true), new("Source", Wide: true), new("Message"),
            new("First Seen", Wide: true), new("Count", Wide: true), new("Name", Wide: true),
        ],
        Cells);

    private static JsonNode?[] Cells(JsonObject item, DateTimeOffset now)
    {
        var first = item.Text("firstTimestamp") ?? item.Text("eventTime");
        var last = item.Text("series", "lastObservedTime") ?? item.Text("lastTimestamp") ?? first;
        var about = item["involvedObject"];
        return
        [
            Cell.Since(last, now),
            item.Text("type") ?? "",
            item.Text("reason") ?? "",
            $"{about.Text("kind")?.ToLowerInvariant()}/{about.Text("name")}",
            about.Text("fieldPath") ?? "",
            Source(item),
            (item.Text("message") ?? "").Trim(),
            Cell.Since(first, now),
            item.Number("series", "count") ?? item.Number("count") ?? 1,
            Cell.Name(item),
        ];
    }

    private static string Source(JsonObject item)
    {
        var component = item.Text("source", "component") ?? item.Text("reportingComponent") ?? "";
        var host = item.Text("source", "host") ?? item.Text("reportingInstance");
        return host is null ? component : $"{component}, {host}";
    }
}
