using System.Net;
using System.Net.Sockets;
using Portico.Net.Namespaces;
using Portico.Net.Netlink;

namespace Portico.Net.Conntrack;

/// <summary>The kernel's table by ctnetlink. One caller at a time.</summary>
/// <param name="family">AF_INET or AF_INET6, see <see cref="NetlinkConstants"/>.</param>
/// <param name="inside">Null: the process's own network namespace.</param>
public sealed class ConntrackTable(byte family, NetworkNamespace? inside) : IConntrack, IDisposable
{
    private readonly NetlinkSocket _socket = inside is null
        ? new(NetlinkConstants.ProtocolNetfilter)
        : inside.Run(() => new NetlinkSocket(NetlinkConstants.ProtocolNetfilter));

    private readonly NetlinkWriter _writer = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private uint _sequence;

    public IReadOnlyList<ConntrackFlow> List(ProtocolType protocol, IPEndPoint? destination)
    {
        _writer.Clear();
        ConntrackMessages.WriteDump(_writer, ++_sequence, family, protocol, destination);
        _socket.Send(_writer.Written);
        var flows = new List<ConntrackFlow>();
        Answer($"list {protocol} flows to {(object?)destination ?? "anywhere"}", flows);
        if (destination is not null)
        {
            flows.RemoveAll(flow => !flow.Destination.Equals(destination));
        }

        return flows;
    }

    public void Delete(ConntrackFlow flow)
    {
        _writer.Clear();
        ConntrackMessages.WriteDelete(_writer, ++_sequence, family, flow);
        _socket.Send(_writer.Written);
        Answer($"delete {flow.Protocol} flow {flow.Source} to {flow.Destination}", null);
    }

    public void Dispose() => _socket.Dispose();

    private void Answer(string what, List<ConntrackFlow>? flows)
    {
        while (_socket.Receive(_buffer) is > 0 and var read)
        {
            ReadOnlySpan<byte> data = _buffer.AsSpan(0, read);
            while (NetlinkReader.TryReadMessage(ref data, out var header, out var payload))
            {
                if (header.Sequence != _sequence)
                {
                    continue;
                }

                if (header.Type == NetlinkConstants.TypeError && NetlinkReader.TryReadError(payload, out var errno)
                    && errno is not (0 or NetlinkException.NoEntry))
                {
                    throw new NetlinkException($"conntrack: {what}", errno);
                }

                if (header.Type == ConntrackMessages.New && ConntrackMessages.TryReadFlow(payload, family, out var flow))
                {
                    flows?.Add(flow!);
                }
            }
        }
    }
}
