using System.Net;
using System.Net.Sockets;
using Portico.Net.Conntrack;
using Portico.Net.Namespaces;
using Portico.Net.Netlink;
using Portico.Net.Processes;

namespace Portico.Net.Tests.Conntrack;

/// <summary>On the real kernel, in a namespace of its own whose table holds thousands of flows that nobody asked for.</summary>
[Trait("Category", "Root")]
public sealed class ConntrackTableTests : IDisposable
{
    private const int Unrelated = 4000;

    private readonly NetworkNamespace? _inside = Privileges.IsRoot ? NetworkNamespace.Create($"pt-ct-{Guid.NewGuid().ToString("N")[..8]}") : null;

    public void Dispose() => _inside?.Delete();

    [Theory]
    [InlineData(NetlinkConstants.FamilyIPv4, "10.96.0.10", "10.96.0.11", "192.0.2.1")]
    [InlineData(NetlinkConstants.FamilyIPv6, "fd00::10", "fd00::11", "2001:db8::1")]
    public async Task List_Destination_KernelAnswersWithItsFlowsAlone(byte family, string wanted, string neighbour, string client)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes a network namespace");
        var lines = Enumerable.Range(1, Unrelated).Select(i => Flow("udp", client, neighbour, 1000 + i, 53, neighbour, 53))
            .Append(Flow("udp", client, wanted, 999, 53, neighbour, 8053))
            .Append(Flow("udp", client, wanted, 998, 54, neighbour, 8053))
            .Append(Flow("tcp", client, wanted, 999, 53, neighbour, 8053) + " --state ESTABLISHED");
        await LoadAsync(lines);
        using var table = new ConntrackTable(family, _inside);

        var destination = new IPEndPoint(IPAddress.Parse(wanted), 53);
        var replySource = new IPEndPoint(IPAddress.Parse(neighbour), 8053);
        var udp = Assert.Single(table.List(ProtocolType.Udp, destination));
        Assert.Equal(new(ProtocolType.Udp, new(IPAddress.Parse(client), 999), destination, replySource), udp);
        Assert.Equal(udp with { Protocol = ProtocolType.Tcp }, Assert.Single(table.List(ProtocolType.Tcp, destination)));
        Assert.Empty(table.List(ProtocolType.Udp, new(destination.Address, 55)));
        Assert.Equal(Unrelated + 2, table.List(ProtocolType.Udp, null).Count);

        table.Delete(udp);
        table.Delete(udp);
        Assert.Empty(table.List(ProtocolType.Udp, destination));
        Assert.Single(table.List(ProtocolType.Tcp, destination));
        Assert.Equal(Unrelated + 1, table.List(ProtocolType.Udp, null).Count);
    }

    [Theory]
    [InlineData(NetlinkConstants.FamilyIPv4, "10.96.0.10", "10.96.0.11", "192.0.2.1", 1)]
    // Only by port: the kernel's filter by IPv6 address is the wrong way round.
    [InlineData(NetlinkConstants.FamilyIPv6, "fd00::10", "fd00::11", "2001:db8::1", 2)]
    public async Task List_Destination_KernelSendsNoOthers(byte family, string wanted, string neighbour, string client, int expected)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes a network namespace");
        await LoadAsync(Enumerable.Range(1, Unrelated).Select(i => Flow("udp", client, neighbour, 1000 + i, 54, neighbour, 54))
            .Append(Flow("udp", client, wanted, 999, 53, neighbour, 8053))
            .Append(Flow("udp", client, neighbour, 998, 53, neighbour, 8053))
            .Append(Flow("tcp", client, wanted, 999, 53, neighbour, 8053) + " --state ESTABLISHED"));
        using var socket = _inside!.Run(static () => new NetlinkSocket(NetlinkConstants.ProtocolNetfilter));

        Assert.Equal(expected, Answers(socket, family, new(IPAddress.Parse(wanted), 53)));
        Assert.Equal(Unrelated + 2, Answers(socket, family, null));
    }

    // How many flows come over the socket, before anything of ours has looked at them.
    private static int Answers(NetlinkSocket socket, byte family, IPEndPoint? destination)
    {
        var writer = new NetlinkWriter();
        ConntrackMessages.WriteDump(writer, 1, family, ProtocolType.Udp, destination);
        socket.Send(writer.Written);
        var buffer = new byte[64 * 1024];
        var answers = 0;
        while (socket.Receive(buffer) is > 0 and var read)
        {
            ReadOnlySpan<byte> data = buffer.AsSpan(0, read);
            while (NetlinkReader.TryReadMessage(ref data, out var header, out _))
            {
                answers += header.Type == ConntrackMessages.New ? 1 : 0;
            }
        }

        return answers;
    }

    private static string Flow(string protocol, string client, string destination, int port, int destinationPort, string replySource, int replyPort) =>
        $"-I -p {protocol} -s {client} -d {destination} --sport {port} --dport {destinationPort} -r {replySource} -q {client} --reply-port-src {replyPort} --reply-port-dst {port} -t 600";

    private async Task LoadAsync(IEnumerable<string> lines)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, lines);
            (await Command.RunAsync("nsenter", ["--net=" + _inside!.Path, "conntrack", "--load-file", file], null, default)).OrThrow("conntrack --load-file");
        }
        finally
        {
            File.Delete(file);
        }
    }
}
