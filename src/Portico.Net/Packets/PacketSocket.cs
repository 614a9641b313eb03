using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Portico.Net.Interop;
using Portico.Net.Namespaces;
using Portico.Net.Sockets;

namespace Portico.Net.Packets;

/// <summary>Whole Ethernet frames of one protocol on one interface: a packet(7) socket. Needs CAP_NET_RAW.</summary>
public sealed class PacketSocket : IDisposable
{
    private const ushort Ethernet = 1; // ARPHRD_ETHER, if_arp.h

    private readonly Socket _socket;

    private PacketSocket(Socket socket, MacAddress mac) => (_socket, Mac) = (socket, mac);

    /// <summary>The interface's own address when the socket was opened.</summary>
    public MacAddress Mac { get; }

    /// <param name="etherType">As <see cref="ArpPacket.EtherType"/>; the kernel hands over nothing else.</param>
    /// <param name="within">Null: the namespace of this process.</param>
    /// <param name="filter">Null: every frame of <paramref name="etherType"/>.</param>
    /// <exception cref="IOException">There is no such interface, it is no Ethernet, or the capability is missing.</exception>
    public static PacketSocket Open(string networkInterface, ushort etherType, NetworkNamespace? within = null, SocketFilter? filter = null) =>
        within is null ? Open(networkInterface, etherType, filter) : within.Run(() => Open(networkInterface, etherType, filter));

    /// <returns>The length of the frame, which was cut where it is longer than <paramref name="frame"/>.</returns>
    /// <exception cref="SocketException">The interface went down or away.</exception>
    public ValueTask<int> ReceiveAsync(Memory<byte> frame, CancellationToken cancellationToken) => _socket.ReceiveAsync(frame, SocketFlags.None, cancellationToken);

    /// <exception cref="SocketException">The interface went down or away.</exception>
    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken) => _socket.SendAsync(frame, SocketFlags.None, cancellationToken);

    /// <summary>As <see cref="SendAsync"/>, at once: a frame for which the interface has no room is lost.</summary>
    /// <exception cref="SocketException">The interface is full, went down or away.</exception>
    public void Send(ReadOnlySpan<byte> frame) => _socket.Send(frame, SocketFlags.None);

    public void Dispose() => _socket.Dispose();

    private static PacketSocket Open(string networkInterface, ushort etherType, SocketFilter? filter)
    {
        var index = LibC.if_nametoindex(networkInterface);
        if (index == 0)
        {
            throw new IOException($"interface {networkInterface}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }

        Socket? socket = null;
        try
        {
            // Without a protocol nothing is received before the bind chose interface and protocol in one step.
            socket = new Socket(AddressFamily.Packet, SocketType.Raw, ProtocolType.Unspecified);
            if (filter?.TryAttach((int)socket.Handle) == false)
            {
                throw new IOException($"interface {networkInterface}: packet socket: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
            }

            socket.Bind(new LinkEndPoint((int)index, etherType));
            var bound = (LinkEndPoint)socket.LocalEndPoint!;
            if (bound.HardwareType != Ethernet)
            {
                throw new IOException($"interface {networkInterface}: is no Ethernet (hardware type {bound.HardwareType}, if_arp.h)");
            }

            return new PacketSocket(socket, bound.Mac);
        }
        catch (Exception failure)
        {
            socket?.Dispose();
            throw failure is SocketException ? new IOException($"interface {networkInterface}: packet socket: {failure.Message}", failure) : failure;
        }
    }
}
