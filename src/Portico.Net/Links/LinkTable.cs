using System.Net;
using Portico.Net.Namespaces;
using Portico.Net.Netlink;
using Portico.Net.Packets;

namespace Portico.Net.Links;

/// <summary>The interfaces of a network namespace: listed and changed. One caller at a time. Changes need CAP_NET_ADMIN.</summary>
/// <param name="within">Null: the process's own network namespace.</param>
public sealed class LinkTable(NetworkNamespace? within = null) : IDisposable
{
    private const int ErrorExists = 17; // EEXIST
    private const int ErrorNoDevice = 19; // ENODEV
    private const int ErrorNoAddress = 99; // EADDRNOTAVAIL
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    private readonly NetlinkSocket _socket = within is null
        ? new(NetlinkConstants.ProtocolRoute)
        : within.Run(static () => new NetlinkSocket(NetlinkConstants.ProtocolRoute));

    private readonly NetlinkWriter _writer = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private uint _sequence;

    /// <exception cref="NetlinkException">The kernel did not answer.</exception>
    public IReadOnlyDictionary<string, LinkState> List()
    {
        var links = new Dictionary<int, LinkState>();
        Ask("list interfaces", writer => LinkMessages.WriteDump(writer, LinkMessages.GetLink, _sequence), (type, payload) =>
        {
            if (type == LinkMessages.NewLink && LinkMessages.TryReadLink(payload, out var link))
            {
                links[link!.Index] = link;
            }
        });
        var primaries = new Dictionary<int, int>();
        Ask("list addresses", writer => LinkMessages.WriteDump(writer, LinkMessages.GetAddress, _sequence), (type, payload) =>
        {
            if (type == LinkMessages.NewAddress && LinkMessages.TryReadAddress(payload, out var index, out var address, out var isSecondary)
                && links.TryGetValue(index, out var link))
            {
                var primary = primaries.GetValueOrDefault(index);
                links[index] = link with { Addresses = link.Addresses.Insert(isSecondary ? link.Addresses.Length : primary, address!) };
                primaries[index] = primary + (isSecondary ? 0 : 1);
            }
        });
        return links.Values.ToDictionary(static link => link.Name);
    }

    /// <summary>Makes a macvlan on <paramref name="parent"/> that is down and has no addresses.</summary>
    /// <exception cref="NetlinkException">There is an interface of this name already, or it cannot be made.</exception>
    public LinkState AddMacvlan(string name, LinkState parent, MacAddress mac)
    {
        Change($"add macvlan {name} to {parent.Name}", writer => LinkMessages.WriteMacvlan(writer, _sequence, name, parent.Index, mac));
        var made = List()[name];
        Change($"add macvlan {name}: no addresses of its own", writer => LinkMessages.WriteNoGeneration(writer, _sequence, made.Index));
        return made;
    }

    /// <exception cref="NetlinkException">There is no such interface.</exception>
    public void SetUp(LinkState link, bool up) =>
        Change($"set {link.Name} {(up ? "up" : "down")}", writer => LinkMessages.WriteUp(writer, _sequence, link.Index, up));

    /// <summary>Nothing happens when it is gone already.</summary>
    public void Remove(LinkState link) =>
        Change($"delete {link.Name}", writer => LinkMessages.WriteDeleteLink(writer, _sequence, link.Index), ErrorNoDevice);

    /// <summary>Gives <paramref name="link"/> the address alone, without a network. Nothing happens when it has it already.</summary>
    public void Bind(LinkState link, IPAddress address) => Change(
        $"add {address} to {link.Name}", writer => LinkMessages.WriteAddress(writer, LinkMessages.NewAddress, _sequence, link.Index, address), ErrorExists);

    /// <summary>Nothing happens when the interface does not have the address.</summary>
    public void Unbind(LinkState link, IPAddress address) => Change(
        $"remove {address} from {link.Name}", writer => LinkMessages.WriteAddress(writer, LinkMessages.DeleteAddress, _sequence, link.Index, address), ErrorNoAddress);

    public void Dispose() => _socket.Dispose();

    private void Change(string what, Action<NetlinkWriter> write, int tolerated = 0) => Ask(what, write, static (_, _) => { }, tolerated);

    private void Ask(string what, Action<NetlinkWriter> write, Answered answered, int tolerated = 0)
    {
        _writer.Clear();
        _sequence++;
        write(_writer);
        _socket.Send(_writer.Written);
        while (_socket.Wait((int)AnswerLimit.TotalMilliseconds))
        {
            ReadOnlySpan<byte> data = _buffer.AsSpan(0, _socket.Receive(_buffer));
            while (NetlinkReader.TryReadMessage(ref data, out var header, out var payload))
            {
                if (header.Sequence != _sequence)
                {
                    continue;
                }

                if (header.Type is NetlinkConstants.TypeError or NetlinkConstants.TypeDone)
                {
                    if (NetlinkReader.TryReadError(payload, out var errno) && errno != 0 && errno != tolerated)
                    {
                        throw new NetlinkException(what, errno);
                    }

                    return;
                }

                answered(header.Type, payload);
            }
        }

        throw new TimeoutException($"{what}: the kernel did not answer");
    }

    private delegate void Answered(ushort type, ReadOnlySpan<byte> payload);
}
