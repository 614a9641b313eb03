using System.Net.Sockets;
using Portico.EndToEnd.Clusters;

namespace Portico.EndToEnd.ServiceProxies;

/// <summary>The proxies of both families in one process: what they leave in the kernel outlives it, and the API server.</summary>
[Trait("Category", "Root")]
public sealed class NodeDualStackTests
{
    private static readonly string[] Addresses = [ProxiedNode.ClusterIP, ProxiedNode.ClusterIP6];

    [Theory]
    [InlineData("nftables")]
    [InlineData("iptables")]
    public async Task Node_KilledStartedAgainAndWithoutApi_NothingBreaksInEitherFamily(string mode)
    {
        Needs.Root();
        await using var world = await ProxiedNode.StartAsync();
        await world.BecomeDualStackAsync();
        world.Configure($"mode: {mode}");
        world.StartProxy();
        await UntilServedByAsync(world, "pod1");
        var open = new List<Socket>();
        foreach (var address in Addresses)
        {
            open.Add(await ProxiedNode.ConnectAsync(world.Outside, address, 80));
            Assert.Equal("pod1", await ProxiedNode.ReadAsync(open[^1]));
        }

        await world.KillProxyAsync();
        Assert.All(await AskAsync(world), answer => Assert.Equal("pod1", answer));
        await ServeFromPod2Async(world);
        var tables = await world.InNodeAsync("nft", "-a", "list", "tables");
        using (var traffic = new Traffic(world))
        {
            world.StartProxy();
            await UntilServedByAsync(world, "pod2");
            Assert.All(await traffic.EndAsync(), answer => Assert.StartsWith("pod", answer, StringComparison.Ordinal));
        }

        // The handles: none of them was made anew.
        Assert.Equal(tables, await world.InNodeAsync("nft", "-a", "list", "tables"));

        await world.Server.StopAsync();
        Assert.All(await AskAsync(world), answer => Assert.Equal("pod2", answer));
        await world.Server.StartAgainAsync();
        await world.ServeFromAsync("10.244.1.5");
        await world.ServeFromAsync("fd00:244:1::5");
        await UntilServedByAsync(world, "pod1");

        foreach (var connection in open)
        {
            await connection.SendAsync("still here\n"u8.ToArray());
            Assert.Equal("still here", await ProxiedNode.ReadAsync(connection));
            connection.Dispose();
        }
    }

    private static async Task ServeFromPod2Async(ProxiedNode world)
    {
        await world.ServeFromAsync("10.244.1.6");
        await world.ServeFromAsync("fd00:244:1::6");
    }

    private static Task UntilServedByAsync(ProxiedNode world, string pod) =>
        world.UntilAsync($"{pod} over both families", async () => (await AskAsync(world)).All(answer => answer == pod));

    private static async Task<string?[]> AskAsync(ProxiedNode world) =>
        await Task.WhenAll(Addresses.Select(address => ProxiedNode.AskAsync(world.Outside, address, 80)));

    /// <summary>New connections over both families, one after the other, until it is ended.</summary>
    private sealed class Traffic : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task<List<string?>> _answers;

        public Traffic(ProxiedNode world) => _answers = RunAsync(world);

        public async Task<List<string?>> EndAsync()
        {
            await _stop.CancelAsync();
            return await _answers;
        }

        public void Dispose()
        {
            _stop.Cancel();
            _stop.Dispose();
        }

        private async Task<List<string?>> RunAsync(ProxiedNode world)
        {
            var answers = new List<string?>();
            do
            {
                answers.AddRange(await AskAsync(world));
            }
            while (!_stop.IsCancellationRequested);
            return answers;
        }
    }
}
