using System.Text.Json.Nodes;
using Portico.Server.Requests;

namespace Portico.Server.Tables;

internal static class IngressTable
{
    private const string LegacyClass = "kubernetes.io/ingress.class";
    private const int MaxHosts = 3;

    public static readonly TablePrinter Printer = new(
        [new("Name"), new("Class"), new("Hosts"), new("Address"), new("Ports"), new("Age")],
        static (ingress, now) =>
        [
            Cell.Name(ingress),
            Cell.OrNone(ingress.Text("spec", "ingressClassName") ?? ingress.Text("metadata", "annotations", LegacyClass)),
            Hosts(ingress),
            Cell.Ingress(ingress),
            ingress.At("spec", "tls").IsEmptyList() ? "80" : "80, 443",
            Cell.Age(ingress, now),
        ]);

    private static string Hosts(JsonObject ingress)
    {
        var hosts = ingress.Items("spec", "rules").Select(static rule => rule.Text("host")).OfType<string>().ToList();
        if (hosts.Count == 0)
        {
            return "*";
        }

        var shown = string.Join(',', hosts.Take(MaxHosts));
        return hosts.Count > MaxHosts ? $"{shown} + {hosts.Count - MaxHosts} more..." : shown;
    }
}
