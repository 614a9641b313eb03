using System.Net.Sockets;
using System.Text;
using Portico.Net.Processes;
using Portico.Net.Sockets;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>Portico comes to a node on which kube-proxy serves.</summary>
[Trait("Category", "Root")]
public sealed class TakeOverTests
{
    private const string Vip = "10.96.0.20";

    // In the form of kube-proxy's nftables mode: a chain and an anonymous map per Service.
    private const string KubeProxy = """
        add table ip kube-proxy
        add set ip kube-proxy cluster-ips { type ipv4_addr ; elements = { 10.96.0.20 } ; }
        add chain ip kube-proxy service-ULMVA6XW-shop/web/tcp/
        add map ip kube-proxy service-ips { type ipv4_addr . inet_proto . inet_service : verdict ; }
        add map ip kube-proxy no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict ; }
        add chain ip kube-proxy nat-prerouting { type nat hook prerouting priority -100 ; }
        add chain ip kube-proxy nat-postrouting { type nat hook postrouting priority 100 ; }
        add chain ip kube-proxy filter-forward { type filter hook forward priority 0 ; }
        add chain ip kube-proxy services
        add chain ip kube-proxy masquerading
        add chain ip kube-proxy cluster-ips-check
        add rule ip kube-proxy nat-prerouting jump services
        add rule ip kube-proxy nat-postrouting jump masquerading
        add rule ip kube-proxy filter-forward ct state new jump cluster-ips-check
        add rule ip kube-proxy services ip daddr @cluster-ips ip saddr != 10.244.0.0/16 mark set mark or 0x4000
        add rule ip kube-proxy services ip daddr . meta l4proto . th dport vmap @service-ips
        add rule ip kube-proxy cluster-ips-check ip daddr @cluster-ips reject
        add rule ip kube-proxy masquerading mark and 0x4000 != 0 mark set mark xor 0x4000 masquerade fully-random
        add rule ip kube-proxy service-ULMVA6XW-shop/web/tcp/ meta l4proto tcp dnat ip addr . port to numgen random mod 1 map { 0 : 10.244.1.5 . 8080 }
        add element ip kube-proxy service-ips { 10.96.0.20 . tcp . 80 : goto service-ULMVA6XW-shop/web/tcp/ }

        """;

    [Fact]
    public async Task KubeProxyServes_PorticoStartsAndItsTableGoes_ConnectionLivesAndNewOnesAreServed()
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes network namespaces");
        Socket? established = null;
        await using var world = await NodeWorld.StartAsync(ProxyMode.Nftables, world =>
        {
            Command.RunAsync("nsenter", ["--net=" + world.Node.Path, "nft", "-f", "-"], KubeProxy, default).GetAwaiter().GetResult().OrThrow("nft");
            established = new SocketFactory(world.Client).Tcp(AddressFamily.InterNetwork);
            established.ReceiveTimeout = 5000;
            established.Connect(Vip, 80);
            Assert.StartsWith("pod1 ", Read(established), StringComparison.Ordinal);
            // Portico knows another endpoint, so that it shows which of the two chose.
            world.Services.Set(Make.Service("web", Vip));
            world.Slices.Set(Make.Slice("web", NodeWorld.PodPort, Make.Endpoint("10.244.1.6")));
        });
        using var connection = established!;
        Assert.Equal("both are there", Echo(connection, "both are there"));

        await world.NftAsync("delete", "table", "ip", "kube-proxy");

        Assert.Equal("portico alone", Echo(connection, "portico alone"));
        Assert.StartsWith("pod2 ", await NodeWorld.AskTcpAsync(world.Client, Vip, 80), StringComparison.Ordinal);
        Assert.Equal("to the end", Echo(connection, "to the end"));
    }

    private static string Echo(Socket socket, string text)
    {
        socket.Send(Encoding.ASCII.GetBytes(text));
        return Read(socket);
    }

    private static string Read(Socket socket)
    {
        var buffer = new byte[256];
        return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)).Trim();
    }
}
