using System.Text.Json.Nodes;
using Portico.Server.Requests;

namespace Portico.Server.Tables;

internal static class NodeTable
{
    private const string RolePrefix = "node-role.kubernetes.io/";
    private const string OldRole = "kubernetes.io/role";

    public static readonly TablePrinter Printer = new(
        [
            new("Name"), new("Status"), new("Roles"), new("Age"), new("Version"), new("Internal-IP", Wide: true), new("External-IP", Wide: true),
            new("OS-Image", Wide: true), new("Kernel-Version", Wide: true), new("Container-Runtime", Wide: true),
        ],
        static (node, now) =>
        [
            Cell.Name(node),
            Status(node),
            Roles(node),
            Cell.Age(node, now),
            Info(node, "kubeletVersion") ?? "",
            Address(node, "InternalIP"),
            Address(node, "ExternalIP"),
            Info(node, "osImage") ?? Cell.Unknown,
            Info(node, "kernelVersion") ?? Cell.Unknown,
            Info(node, "containerRuntimeVersion") ?? Cell.Unknown,
        ]);

    private static string? Info(JsonObject node, string field) => node.Text("status", "nodeInfo", field);

    private static string Status(JsonObject node)
    {
        var ready = Cell.Condition(node, "Ready") switch
        {
            "True" => "Ready",
            null => "Unknown",
            _ => "NotReady",
        };
        return node.Flag("spec", "unschedulable") == true ? $"{ready},SchedulingDisabled" : ready;
    }

    private static string Roles(JsonObject node)
    {
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in node.At("metadata", "labels") as JsonObject ?? [])
        {
            if (key.StartsWith(RolePrefix, StringComparison.Ordinal) && key.Length > RolePrefix.Length)
            {
                roles.Add(key[RolePrefix.Length..]);
            }
            else if (key == OldRole && value.Text() is { } role)
            {
                roles.Add(role);
            }
        }

        return Cell.OrNone(string.Join(',', roles));
    }

    private static string Address(JsonObject node, string type) =>
        Cell.OrNone(node.Items("status", "addresses").FirstOrDefault(one => one.Text("type") == type).Text("address"));
}
