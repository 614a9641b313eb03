using Portico.Net.Namespaces;
using Portico.Net.Processes;

namespace Portico.Benchmarks.ServiceProxies;

/// <summary>A client, a node and all pods, each a network namespace; every endpoint address is one of the pods' namespace.</summary>
internal sealed class ProxyWorld : IAsyncDisposable
{
    public const string NodeAddress = "192.168.77.11";

    private readonly string _prefix = $"pt-bench-{Guid.NewGuid().ToString("N")[..8]}";

    private ProxyWorld()
    {
        Client = NetworkNamespace.Create(_prefix + "-client");
        Node = NetworkNamespace.Create(_prefix + "-node");
        Pods = NetworkNamespace.Create(_prefix + "-pods");
    }

    public NetworkNamespace Client { get; }

    public NetworkNamespace Node { get; }

    public NetworkNamespace Pods { get; }

    public static async Task<ProxyWorld> CreateAsync(CancellationToken cancellationToken)
    {
        var world = new ProxyWorld();
        try
        {
            var (client, node, pods) = (world.Client.Name, world.Node.Name, world.Pods.Name);
            foreach (var command in new[]
            {
                $"link add eth0 netns {node} type veth peer name eth0 netns {client}",
                $"link add pods netns {node} type veth peer name eth0 netns {pods}",
                $"-n {client} link set lo up", $"-n {node} link set lo up", $"-n {pods} link set lo up",
                $"-n {client} addr add 192.168.77.2/24 dev eth0",
                $"-n {node} addr add {NodeAddress}/24 dev eth0",
                $"-n {node} addr add 192.168.78.1/24 dev pods",
                $"-n {pods} addr add 192.168.78.2/24 dev eth0",
                $"-n {client} link set eth0 up", $"-n {node} link set eth0 up", $"-n {node} link set pods up", $"-n {pods} link set eth0 up",
                $"-n {client} route add default via {NodeAddress}",
                $"-n {pods} route add default via 192.168.78.1",
                $"-n {node} route add 10.128.0.0/9 via 192.168.78.2",
                $"-n {pods} route add local 10.128.0.0/9 dev lo",
            })
            {
                (await Command.RunAsync("ip", command.Split(' '), null, cancellationToken)).OrThrow("ip " + command);
            }

            foreach (var inside in new[] { world.Client, world.Node, world.Pods })
            {
                inside.Run(() =>
                {
                    File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
                    File.WriteAllText("/proc/sys/net/ipv4/ip_local_port_range", "1024 65535");
                    File.WriteAllText("/proc/sys/net/ipv4/tcp_tw_reuse", "1");
                    return 0;
                });
            }

            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var made in new[] { Client, Node, Pods })
        {
            made.Delete();
        }

        return ValueTask.CompletedTask;
    }
}
