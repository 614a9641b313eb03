using System.Text;
using Portico.Cli.Clusters;
using Portico.Net.Namespaces;
using Portico.Net.Processes;

namespace Portico.Cli.Topology;

/// <summary>
/// The machine's picture of a network: a LAN (a bridge in a namespace of its own), a client host on it, and the nodes. Nothing is made in
/// the machine's own namespace: both ends of every veth pair are born inside.
/// </summary>
public sealed class LocalNetwork(ClusterHome home, int nodes)
{
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        var lan = NetworkNamespace.Create(home.LanNamespace.Name);
        var hosts = new List<(string Name, NetworkNamespace Namespace, System.Net.IPAddress Address)>
        {
            ("client", NetworkNamespace.Create(home.ClientNamespace.Name), ClusterAddresses.Client),
        };
        for (var node = 1; node <= nodes; node++)
        {
            hosts.Add((ClusterAddresses.NodeName(node), NetworkNamespace.Create(home.NodeNamespace(node).Name), ClusterAddresses.Node(node)));
        }

        await BatchAsync(lan, LanCommands(hosts.Select(host => (host.Name, host.Namespace.Name))), cancellationToken);
        foreach (var host in hosts)
        {
            await BatchAsync(host.Namespace, HostCommands(host.Address), cancellationToken);
        }

        for (var node = 1; node <= nodes; node++)
        {
            home.NodeNamespace(node).Run(() =>
            {
                File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
                return 0;
            });
        }
    }

    private string LanCommands(IEnumerable<(string Name, string Namespace)> hosts)
    {
        var commands = new StringBuilder();
        commands.Append("link set lo up\nlink add lan0 type bridge\n");
        commands.Append($"address add {ClusterAddresses.Lan}/{ClusterAddresses.LanPrefix} dev lan0\nlink set lan0 up\n");
        foreach (var (name, @namespace) in hosts)
        {
            commands.Append($"link add {name} type veth peer name eth0 netns {@namespace}\nlink set {name} master lan0 up\n");
        }

        // The API server answers pods by their own addresses; the LAN does not forward, so the client host has no way to pods.
        for (var node = 1; node <= nodes; node++)
        {
            commands.Append($"route add {ClusterAddresses.NodePodCidr(node)} via {ClusterAddresses.Node(node)}\n");
        }

        return commands.ToString();
    }

    private string HostCommands(System.Net.IPAddress address)
    {
        var commands = new StringBuilder();
        commands.Append($"link set lo up\naddress add {address}/{ClusterAddresses.LanPrefix} dev eth0\nlink set eth0 up\n");
        commands.Append($"route add default via {ClusterAddresses.Lan}\n");
        if (address.Equals(ClusterAddresses.Client))
        {
            return commands.ToString();
        }

        for (var node = 1; node <= nodes; node++)
        {
            if (!ClusterAddresses.Node(node).Equals(address))
            {
                commands.Append($"route add {ClusterAddresses.NodePodCidr(node)} via {ClusterAddresses.Node(node)}\n");
            }
        }

        return commands.ToString();
    }

    private static async Task BatchAsync(NetworkNamespace @namespace, string commands, CancellationToken cancellationToken)
    {
        var result = await Command.RunAsync("ip", ["-n", @namespace.Name, "-batch", "-"], commands, cancellationToken);
        result.OrThrow($"network namespace {@namespace.Name}");
    }
}
