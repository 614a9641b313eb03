using Portico.Api.Kinds;
using Portico.Server.Requests;

namespace Portico.Server.Tables;

/// <summary>Finds the printer of a kind; columns and cells are those of kubernetes pkg/printers/internalversion.</summary>
internal static class TablePrinters
{
    private static readonly TablePrinter NameAndAge = new(
        [new("Name"), new("Age")], static (item, now) => [Cell.Name(item), Cell.Age(item, now)]);

    private static readonly Dictionary<string, ITablePrinter> ByResource = new()
    {
        ["pods"] = PodTable.Printer,
        ["services"] = ServiceTable.Printer,
        ["nodes"] = NodeTable.Printer,
        ["events"] = EventTable.Printer,
        ["deployments.apps"] = WorkloadTables.Deployments,
        ["replicasets.apps"] = WorkloadTables.ReplicaSets,
        ["ingresses.networking.k8s.io"] = IngressTable.Printer,
        ["endpoints"] = EndpointTables.Endpoints,
        ["endpointslices.discovery.k8s.io"] = EndpointTables.Slices,
        ["namespaces"] = new TablePrinter(
            [new("Name"), new("Status"), new("Age")],
            static (item, now) => [Cell.Name(item), item.Text("status", "phase") ?? "", Cell.Age(item, now)]),
        ["configmaps"] = new TablePrinter(
            [new("Name"), new("Data"), new("Age")],
            static (item, now) => [Cell.Name(item), Cell.Count(item["data"]) + Cell.Count(item["binaryData"]), Cell.Age(item, now)]),
        ["secrets"] = new TablePrinter(
            [new("Name"), new("Type"), new("Data"), new("Age")],
            static (item, now) => [Cell.Name(item), item.Text("type") ?? "", Cell.Count(item["data"]), Cell.Age(item, now)]),
        ["serviceaccounts"] = new TablePrinter(
            [new("Name"), new("Secrets"), new("Age")],
            static (item, now) => [Cell.Name(item), Cell.Count(item["secrets"]), Cell.Age(item, now)]),
        ["ingressclasses.networking.k8s.io"] = new TablePrinter(
            [new("Name"), new("Controller"), new("Parameters"), new("Age")],
            static (item, now) => [Cell.Name(item), item.Text("spec", "controller") ?? "", Cell.Parameters(item), Cell.Age(item, now)]),
        ["leases.coordination.k8s.io"] = new TablePrinter(
            [new("Name"), new("Holder"), new("Age")],
            static (item, now) => [Cell.Name(item), item.Text("spec", "holderIdentity") ?? "", Cell.Age(item, now)]),
    };

    public static ITablePrinter For(ResourceKind kind) => ByResource.GetValueOrDefault(kind.GroupResource) ?? NameAndAge;
}
