using System.Net;
using CsCheck;
using Portico.Net.Links;
using Portico.Net.Namespaces;
using Portico.Net.Packets;
using Portico.Net.Processes;

namespace Portico.Net.Tests.Links;

public sealed class LinkTableTests
{
    [Fact]
    public void TryRead_RandomBytes_NeverThrows() => Gen.Byte.Array[0, 200].Sample(static payload =>
    {
        _ = LinkMessages.TryReadLink(payload, out _);
        _ = LinkMessages.TryReadAddress(payload, out _, out _, out _);
    });

    [Fact]
    [Trait("Category", "Root")]
    public async Task Links_OfANamespace_ListedWatchedAndChanged()
    {
        Assert.SkipUnless(Privileges.IsRoot, "makes network namespaces: needs root");
        var space = NetworkNamespace.Create($"pt-links-{Environment.ProcessId}-{Random.Shared.Next(100_000)}");
        try
        {
            await IpAsync(space, "link add eth0 type veth peer name eth1");
            await IpAsync(space, "link set eth0 address 02:00:4d:00:00:01 addrgenmode none");
            await IpAsync(space, "link set eth0 up");
            await IpAsync(space, "address add 10.0.0.1/24 dev eth0");
            await IpAsync(space, "address add 10.0.0.2/24 dev eth0");
            await IpAsync(space, "address add 10.1.0.1/24 dev eth0");
            await IpAsync(space, "address add fe80::1/64 dev eth0 nodad");
            using var table = new LinkTable(space);

            var link = table.List()["eth0"];
            Assert.Equal((new MacAddress(0x02004D000001), false), (link.Mac, link.IsRunning));
            Assert.Equal("10.0.0.1 10.1.0.1 fe80::1 10.0.0.2", string.Join(' ', link.Addresses));

            using var stop = new CancellationTokenSource();
            var running = new TaskCompletionSource<LinkState>(TaskCreationOptions.RunContinuationsAsynchronously);
            var watching = new LinkMonitor(space).RunAsync(
                links =>
                {
                    if (links["eth0"].IsRunning)
                    {
                        running.TrySetResult(links["eth0"]);
                    }
                },
                stop.Token);
            table.SetUp(table.List()["eth1"], up: true);
            await running.Task.WaitAsync(TimeSpan.FromSeconds(20));
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);

            var made = table.AddMacvlan("virtual0", link, new(0x00005E000133));
            Assert.Equal((new MacAddress(0x00005E000133), false), (made.Mac, made.IsRunning));
            table.SetUp(made, up: true);
            table.Bind(made, IPAddress.Parse("10.0.0.200"));
            table.Bind(made, IPAddress.Parse("10.0.0.200"));
            table.Bind(made, IPAddress.Parse("fd00::200"));
            made = table.List()["virtual0"];
            Assert.Equal("10.0.0.200 fd00::200", string.Join(' ', made.Addresses));
            Assert.True(made.IsRunning);
            Assert.Contains("macvlan mode private", await IpAsync(space, "-d link show virtual0"), StringComparison.Ordinal);
            table.Unbind(made, IPAddress.Parse("10.0.0.200"));
            table.Unbind(made, IPAddress.Parse("10.0.0.200"));
            Assert.Equal("fd00::200", string.Join(' ', table.List()["virtual0"].Addresses));
            table.Remove(made);
            table.Remove(made);
            Assert.False(table.List().ContainsKey("virtual0"));
        }
        finally
        {
            space.Delete();
        }
    }

    private static async Task<string> IpAsync(NetworkNamespace within, string arguments) =>
        (await Command.RunAsync("ip", ["-n", within.Name, .. arguments.Split(' ')], null, CancellationToken.None)).OrThrow($"ip {arguments}").Output;
}
