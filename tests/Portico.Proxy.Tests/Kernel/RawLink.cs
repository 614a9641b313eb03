using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Portico.Net.Namespaces;
using Portico.Net.Packets;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>Sends and receives whole IP packets on an interface, for protocols of which the kernel has no sockets.</summary>
internal sealed class RawLink : IDisposable
{
    private const int EthernetLength = 14;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly PacketSocket _socket;
    private readonly MacAddress _neighbour;
    private readonly bool _ipv6;

    /// <param name="neighbour">Where the interface leads to.</param>
    public RawLink(NetworkNamespace inside, AddressFamily family, NetworkNamespace neighbour, string neighbourInterface)
    {
        _ipv6 = family == AddressFamily.InterNetworkV6;
        _socket = PacketSocket.Open("eth0", EtherType, inside);
        using var other = PacketSocket.Open(neighbourInterface, EtherType, neighbour);
        _neighbour = other.Mac;
    }

    private ushort EtherType => _ipv6 ? (ushort)0x86DD : (ushort)0x0800;

    public async Task SendAsync(IPAddress from, IPAddress to, byte protocol, byte[] payload)
    {
        var header = _ipv6 ? Header6(from, to, protocol, payload.Length) : Header4(from, to, protocol, payload.Length);
        var frame = new byte[EthernetLength + header.Length + payload.Length];
        _neighbour.Write(frame);
        _socket.Mac.Write(frame.AsSpan(MacAddress.Length));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2 * MacAddress.Length), EtherType);
        header.CopyTo(frame, EthernetLength);
        payload.CopyTo(frame, EthernetLength + header.Length);
        await _socket.SendAsync(frame, default);
    }

    /// <summary>The next packet of the protocol that comes in.</summary>
    public async Task<(IPAddress From, IPAddress To, byte[] Payload)> ReceiveAsync(byte protocol)
    {
        using var limit = new CancellationTokenSource(Patience);
        var frame = new byte[2048];
        while (true)
        {
            var length = await _socket.ReceiveAsync(frame, limit.Token);
            var packet = frame.AsMemory(EthernetLength, length - EthernetLength);
            if (_ipv6 && packet.Span[6] == protocol)
            {
                return (new(packet.Span[8..24]), new(packet.Span[24..40]), packet[40..].ToArray());
            }

            if (!_ipv6 && packet.Span[9] == protocol)
            {
                return (new(packet.Span[12..16]), new(packet.Span[16..20]), packet[((packet.Span[0] & 15) * 4)..].ToArray());
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    // RFC 791
    private static byte[] Header4(IPAddress from, IPAddress to, byte protocol, int length)
    {
        var header = new byte[20];
        header[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(header.Length + length));
        header[8] = 64;
        header[9] = protocol;
        from.GetAddressBytes().CopyTo(header, 12);
        to.GetAddressBytes().CopyTo(header, 16);
        var sum = 0;
        for (var index = 0; index < header.Length; index += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(index));
        }

        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), (ushort)~((sum & 0xFFFF) + (sum >> 16)));
        return header;
    }

    // RFC 8200
    private static byte[] Header6(IPAddress from, IPAddress to, byte protocol, int length)
    {
        var header = new byte[40];
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)length);
        header[6] = protocol;
        header[7] = 64;
        from.GetAddressBytes().CopyTo(header, 8);
        to.GetAddressBytes().CopyTo(header, 24);
        return header;
    }
}
