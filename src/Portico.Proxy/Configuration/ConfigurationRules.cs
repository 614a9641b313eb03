using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Proxy.Nodes;

namespace Portico.Proxy.Configuration;

/// <summary>What values must be like (upstream's pkg/proxy/apis/config/validation), for the fields that have an effect.</summary>
internal static class ConfigurationRules
{
    private static readonly string[] LocalModes = ["", "ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix"];

    public static void Check(IReadOnlyDictionary<string, JsonNode> values, ICollection<string> errors)
    {
        Range("iptables.masqueradeBit", 0, 31);
        Range("nftables.masqueradeBit", 0, 31);
        Range("oomScoreAdj", -1000, 1000);
        Range("conntrack.maxPerCore", 0, int.MaxValue);
        Range("conntrack.min", 0, int.MaxValue);
        foreach (var path in new[] { "tcpEstablishedTimeout", "tcpCloseWaitTimeout", "udpTimeout", "udpStreamTimeout" })
        {
            Must($"conntrack.{path}", static text => !text.StartsWith('-'), "must not be negative");
        }

        Must("mode", static text => text == ProxyModes.Ipvs || ProxyModes.TryParse(text, out _), $"{ProxyModes.Expected}; {ProxyModes.Ipvs} is served by nftables");
        Must("bindAddress", static text => IPAddress.TryParse(text, out _), "must be an IP address");
        Must("healthzBindAddress", IsEndPoint, "must be IP:port, as 0.0.0.0:10256");
        Must("metricsBindAddress", IsEndPoint, "must be IP:port, as 127.0.0.1:10249");
        Must("detectLocalMode", static text => LocalModes.Contains(text), "must be ClusterCIDR, NodeCIDR, BridgeInterface or InterfaceNamePrefix");
        Must("clusterCIDR", AreNetworks, "must be a network, as 10.244.0.0/16, or one of each family with a comma between");
        Interface("detectLocal.bridgeInterface", "BridgeInterface");
        Interface("detectLocal.interfaceNamePrefix", "InterfaceNamePrefix");
        NodePortAddresses();

        void Must(string path, Func<string, bool> good, string rule)
        {
            var text = Text(path);
            if (text.Length > 0 && !good(text))
            {
                errors.Add($"{path}: \"{text}\": {rule}");
            }
        }

        void Range(string path, int least, int most)
        {
            if (JsonScalars.TryInteger(values[path], out var number) && (number < least || number > most))
            {
                errors.Add($"{path}: {number} is outside {least}-{most}");
            }
        }

        void Interface(string path, string mode)
        {
            // IFNAMSIZ, linux/if.h; and it becomes part of a rule's text.
            Must(path, static text => text.Length <= 15 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@'), "is no interface's name");
            if (Text("detectLocalMode") == mode && Text(path).Length == 0)
            {
                errors.Add($"{path}: detectLocalMode {mode} needs it");
            }
        }

        void NodePortAddresses()
        {
            var items = values.GetValueOrDefault("nodePortAddresses") as JsonArray ?? [];
            foreach (var item in items.Select(static item => (string)item!))
            {
                if (!NodePortNetworks.IsKnown(item))
                {
                    errors.Add($"nodePortAddresses: \"{item}\": must be a network, as 192.168.0.0/16, or primary, localhost or all");
                }
            }
        }

        string Text(string path) => JsonScalars.TryText(values.GetValueOrDefault(path), out var text) ? text : "";
    }

    private static bool IsEndPoint(string text) =>
        IPEndPoint.TryParse(text, out var parsed) && parsed.Port > 0 && (parsed.AddressFamily == AddressFamily.InterNetwork || text.StartsWith('['));

    private static bool AreNetworks(string text)
    {
        var networks = new List<IPNetwork>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!IPNetwork.TryParse(part, out var network))
            {
                return false;
            }

            networks.Add(network);
        }

        return networks.DistinctBy(static network => network.BaseAddress.AddressFamily).Count() == networks.Count;
    }
}
