using System.Text.Json.Nodes;
using Portico.Server.Requests;

namespace Portico.Server.Tables;

internal static class EndpointTables
{
    private const int MaxShown = 3;

    public static readonly TablePrinter Endpoints = new(
        [new("Name"), new("Endpoints"), new("Age")],
        static (item, now) => [Cell.Name(item), Addresses(item), Cell.Age(item, now)]);

    public static readonly TablePrinter Slices = new(
        [new("Name"), new("AddressType"), new("Ports"), new("Endpoints"), new("Age")],
        static (item, now) =>
        [
            Cell.Name(item),
            item.Text("addressType") ?? "",
            Shorten(item.Items("ports").Select(static port => port.Number("port")?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "*"), "<unset>"),
            Shorten(item.Items("endpoints").SelectMany(static one => one.Texts("addresses")), "<unset>"),
            Cell.Age(item, now),
        ]);

    private static string Addresses(JsonObject item)
    {
        var all = new List<string>();
        foreach (var subset in item.Items("subsets"))
        {
            var ports = subset.Items("ports").Select(static port => port.Number("port")).ToList();
            foreach (var address in subset.Items("addresses"))
            {
                if (ports.Count == 0)
                {
                    all.Add(address.Text("ip") ?? "");
                }

                all.AddRange(ports.Select(port => $"{address.Text("ip")}:{port}"));
            }
        }

        return Shorten(all, Cell.None);
    }

    private static string Shorten(IEnumerable<string> items, string empty)
    {
        var all = items.ToList();
        var shown = all.Count == 0 ? empty : string.Join(',', all.Take(MaxShown));
        return all.Count > MaxShown ? $"{shown} + {all.Count - MaxShown} more..." : shown;
    }
}
