using System.Text.Json.Nodes;
using Portico.Server.Requests;

namespace Portico.Server.Tables;

internal static class PodTable
{
    public static readonly TablePrinter Printer = new(
        [
            new("Name"), new("Ready"), new("Status"), new("Restarts"), new("Age"),
            new("IP", Wide: true), new("Node", Wide: true), new("Nominated Node", Wide: true), new("Readiness Gates", Wide: true),
        ],
        Cells);

    private static JsonNode?[] Cells(JsonObject pod, DateTimeOffset now)
    {
        var statuses = pod.Items("status", "containerStatuses").ToList();
        var total = Cell.Count(pod.At("spec", "containers"));
        var ready = statuses.Count(static one => one.Flag("ready") == true && one.At("state", "running") is not null);
        return
        [
            Cell.Name(pod),
            $"{ready}/{total}",
            Reason(pod, statuses),
            Restarts(statuses, now),
            Cell.Age(pod, now),
            Cell.OrNone(pod.Text("status", "podIP")),
            Cell.OrNone(pod.Text("spec", "nodeName")),
            Cell.OrNone(pod.Text("status", "nominatedNodeName")),
            Gates(pod),
        ];
    }

    private static string Reason(JsonObject pod, List<JsonObject> statuses)
    {
        var reason = pod.Text("status", "reason") ?? pod.Text("status", "phase") ?? "Unknown";
        if (pod.Items("status", "conditions").Any(static one => one.Text("type") == "PodScheduled" && one.Text("reason") == "SchedulingGated"))
        {
            reason = "SchedulingGated";
        }

        var running = false;
        for (var i = statuses.Count - 1; i >= 0; i--)
        {
            var (waiting, terminated) = (statuses[i].At("state", "waiting"), statuses[i].At("state", "terminated"));
            if (waiting.Text("reason") is { } why)
            {
                reason = why;
            }
            else if (terminated is not null)
            {
                reason = terminated.Text("reason")
                    ?? (terminated.Number("signal") is { } signal and not 0 ? $"Signal:{signal}" : $"ExitCode:{terminated.Number("exitCode") ?? 0}");
            }
            else if (statuses[i].Flag("ready") == true && statuses[i].At("state", "running") is not null)
            {
                running = true;
            }
        }

        if (reason == "Completed" && running)
        {
            reason = Cell.Condition(pod, "Ready") == "True" ? "Running" : "NotReady";
        }

        if (pod.Text("metadata", "deletionTimestamp") is null)
        {
            return reason;
        }

        return pod.Text("status", "reason") == "NodeLost" ? "Unknown" : "Terminating";
    }

    private static string Restarts(List<JsonObject> statuses, DateTimeOffset now)
    {
        var count = statuses.Sum(static one => one.Number("restartCount") ?? 0);
        var last = statuses.Select(static one => one.Text("lastState", "terminated", "finishedAt")).OfType<string>().Max(StringComparer.Ordinal);
        return count > 0 && last is not null ? $"{count} ({Cell.Since(last, now)} ago)" : $"{count}";
    }

    private static string Gates(JsonObject pod)
    {
        var gates = pod.Items("spec", "readinessGates").ToList();
        return gates.Count == 0
            ? Cell.None
            : $"{gates.Count(gate => Cell.Condition(pod, gate.Text("conditionType") ?? "") == "True")}/{gates.Count}";
    }
}
