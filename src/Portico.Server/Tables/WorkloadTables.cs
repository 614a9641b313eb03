using System.Text.Json.Nodes;
using Portico.Server.Requests;

namespace Portico.Server.Tables;

internal static class WorkloadTables
{
    public static readonly TablePrinter Deployments = new(
        [
            new("Name"), new("Ready"), new("Up-to-date"), new("Available"), new("Age"),
            new("Containers", Wide: true), new("Images", Wide: true), new("Selector", Wide: true),
        ],
        static (item, now) =>
        [
            Cell.Name(item),
            $"{Status(item, "readyReplicas")}/{item.Number("spec", "replicas") ?? 1}",
            Status(item, "updatedReplicas"),
            Status(item, "availableReplicas"),
            Cell.Age(item, now),
            .. Template(item),
        ]);

    public static readonly TablePrinter ReplicaSets = new(
        [
            new("Name"), new("Desired"), new("Current"), new("Ready"), new("Age"),
            new("Containers", Wide: true), new("Images", Wide: true), new("Selector", Wide: true),
        ],
        static (item, now) =>
        [
            Cell.Name(item),
            item.Number("spec", "replicas") ?? 1,
            Status(item, "replicas"),
            Status(item, "readyReplicas"),
            Cell.Age(item, now),
            .. Template(item),
        ]);

    private static long Status(JsonObject item, string field) => item.Number("status", field) ?? 0;

    private static IEnumerable<JsonNode?> Template(JsonObject item)
    {
        var spec = item.At("spec", "template", "spec");
        yield return Cell.Containers(spec, "name");
        yield return Cell.Containers(spec, "image");
        yield return Cell.Selector(item.At("spec", "selector"));
    }
}
