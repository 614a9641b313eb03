using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Portico.Net.Interop;
using Portico.Net.Namespaces;
using Portico.Net.Packets;
using Portico.Net.Sockets;

namespace Portico.Net.Vrrp;

/// <summary>
/// VRRP of one family on one interface. Frames are heard by a packet socket, which also tells the hop limit; packets leave through a raw socket, which knows
/// the way to unicast peers, or as frames from a virtual router's hardware address. Needs CAP_NET_RAW.
/// </summary>
public sealed class VrrpSocket : IDisposable
{
    private const int EthernetLength = 14;
    private const ushort EtherTypeIPv4 = 0x0800;
    private const ushort EtherTypeIPv6 = 0x86DD;
    private const int BindToDevice = 25; // SO_BINDTODEVICE, asm-generic/socket.h
    private const int ProtocolIPv6 = 41; // IPPROTO_IPV6
    private const int IPv6HeaderIncluded = 36; // IPV6_HDRINCL, linux/in6.h
    private const int SmallestBuffer = 1;

    private readonly PacketSocket _frames;
    private readonly Socket _raw;
    private readonly AddressFamily _family;
    private readonly long _scope;
    private readonly byte[] _received = new byte[EthernetLength + VrrpPacket.MaximumLength];
    private readonly byte[] _sent = new byte[EthernetLength + VrrpPacket.MaximumLength];
    private ushort _identification;

    private VrrpSocket(PacketSocket frames, Socket raw, AddressFamily family, long scope) =>
        (_frames, _raw, _family, _scope) = (frames, raw, family, scope);

    /// <param name="within">Null: the namespace of this process.</param>
    /// <exception cref="IOException">There is no such interface, it is no Ethernet, or the capability is missing.</exception>
    public static VrrpSocket Open(string networkInterface, AddressFamily family, NetworkNamespace? within = null) =>
        within is null ? Open(networkInterface, family) : within.Run(() => Open(networkInterface, family));

    /// <returns>An IP packet, valid until the next call; not looked at yet.</returns>
    /// <exception cref="SocketException">The interface went down or away.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = await _frames.ReceiveAsync(_received, cancellationToken);
            if (length > EthernetLength)
            {
                return _received.AsMemory(EthernetLength, length - EthernetLength);
            }
        }
    }

    /// <summary>Sends at once; a packet for which there is no room is lost. Not safe for two threads at a time.</summary>
    /// <param name="key">Of the packet's authentication header.</param>
    /// <param name="from">Null: the interface's own hardware address. Only to multicast groups.</param>
    /// <exception cref="SocketException">The interface went down or away, or there is no way to the destination.</exception>
    public void Send(VrrpPacket packet, ulong key = 0, MacAddress? from = null)
    {
        // 0 would let the kernel choose one, behind the back of the authentication header.
        _identification = _identification == ushort.MaxValue ? (ushort)1 : (ushort)(_identification + 1);
        var ip = _sent.AsSpan(EthernetLength, packet.Length);
        packet.Write(_identification, ip);
        if (packet.AuthenticationHeader is not null)
        {
            VrrpAuthenticationHeader.Sign(ip, key);
        }

        if (from is { } source)
        {
            GroupMac(packet.Destination).Write(_sent);
            source.Write(_sent.AsSpan(MacAddress.Length));
            BinaryPrimitives.WriteUInt16BigEndian(_sent.AsSpan(2 * MacAddress.Length), EtherType(_family));
            _frames.Send(_sent.AsSpan(0, EthernetLength + ip.Length));
            return;
        }

        var destination = _family == AddressFamily.InterNetworkV6 && (packet.Destination.IsIPv6LinkLocal || packet.Destination.IsIPv6Multicast)
            ? new IPAddress(packet.Destination.GetAddressBytes(), _scope)
            : packet.Destination;
        _raw.SendTo(ip, SocketFlags.None, new IPEndPoint(destination, 0));
    }

    public void Dispose()
    {
        _frames.Dispose();
        _raw.Dispose();
    }

    private static VrrpSocket Open(string networkInterface, AddressFamily family)
    {
        var isIPv4 = family == AddressFamily.InterNetwork;
        var frames = PacketSocket.Open(
            networkInterface, EtherType(family), null, isIPv4 ? SocketFilter.VrrpIPv4 : SocketFilter.VrrpIPv6);
        Socket? raw = null;
        try
        {
            var index = LibC.if_nametoindex(networkInterface);
            raw = Raw(isIPv4 ? LibC.AfInet : LibC.AfInet6);
            (raw.Blocking, raw.ReceiveBufferSize) = (false, SmallestBuffer);
            raw.SetRawSocketOption(LibC.SolSocket, BindToDevice, System.Text.Encoding.ASCII.GetBytes(networkInterface));
            // The membership is for both sockets: it opens the interface's filter.
            if (isIPv4)
            {
                raw.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
                raw.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.HostToNetworkOrder((int)index));
                raw.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastLoopback, false);
                raw.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(VrrpPacket.GroupIPv4, (int)index));
            }
            else
            {
                raw.SetRawSocketOption(ProtocolIPv6, IPv6HeaderIncluded, BitConverter.GetBytes(1));
                raw.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, (int)index);
                raw.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastLoopback, false);
                raw.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(VrrpPacket.GroupIPv6, index));
            }

            return new(frames, raw, family, index);
        }
        catch (Exception failure)
        {
            raw?.Dispose();
            frames.Dispose();
            throw failure is SocketException ? new IOException($"interface {networkInterface}: VRRP socket: {failure.Message}", failure) : failure;
        }
    }

    // .NET makes no sockets of protocols that it does not know.
    private static Socket Raw(int family)
    {
        var descriptor = LibC.socket(family, LibC.SockRawCloexec, VrrpAdvertisement.Protocol);
        return descriptor >= 0
            ? new(new SafeSocketHandle(descriptor, ownsHandle: true))
            : throw new IOException($"VRRP socket: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    private static ushort EtherType(AddressFamily family) => family == AddressFamily.InterNetwork ? EtherTypeIPv4 : EtherTypeIPv6;

    // RFC 1112, section 6.4; RFC 2464, section 7.
    private static MacAddress GroupMac(IPAddress group)
    {
        Span<byte> bytes = stackalloc byte[16];
        group.TryWriteBytes(bytes, out var length);
        var last = BinaryPrimitives.ReadUInt32BigEndian(bytes[(length - 4)..]);
        return new(length == 4 ? 0x0100_5E00_0000UL | (last & 0x7F_FFFF) : 0x3333_0000_0000UL | last);
    }
}
