using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Portico.Net.Interop;
using Portico.Net.Sockets;

namespace Portico.Net.Netlink;

/// <summary>A netlink socket. It belongs to the network namespace of the thread that made it. Not safe for two threads at a time.</summary>
public sealed class NetlinkSocket : IDisposable
{
    // The kernel takes a transaction as one message of one buffer; the default buffer would end it at about 200 KB.
    private const int SendBuffer = 64 * 1024 * 1024;
    private const int ReceiveBuffer = 8 * 1024 * 1024;

    private readonly SafeFileHandle _handle;

    /// <param name="groups">Bit mask of the multicast groups to hear; 0 for a socket that only asks.</param>
    /// <exception cref="NetlinkException">The kernel has no such netlink protocol, or the process lacks CAP_NET_ADMIN.</exception>
    public NetlinkSocket(int protocol, uint groups = 0)
    {
        var descriptor = LibC.socket(LibC.AfNetlink, LibC.SockRawCloexec, protocol);
        if (descriptor < 0)
        {
            throw Failure("open netlink socket");
        }

        _handle = new(descriptor, ownsHandle: true);
        var address = new LibC.SockAddrNetlink { Family = LibC.AfNetlink, Groups = groups };
        var length = Marshal.SizeOf<LibC.SockAddrNetlink>();
        if (LibC.bind(descriptor, address, length) < 0 || LibC.getsockname(descriptor, ref address, ref length) < 0)
        {
            var failure = Failure("bind netlink socket");
            _handle.Dispose();
            throw failure;
        }

        PortId = address.Pid;
        // Best effort: without the privilege the limits of the system hold, and a message that is too long is refused by name.
        _ = LibC.setsockopt(descriptor, LibC.SolSocket, LibC.SoSndBufForce, SendBuffer, sizeof(int));
        _ = LibC.setsockopt(descriptor, LibC.SolSocket, LibC.SoRcvBufForce, ReceiveBuffer, sizeof(int));
    }

    /// <summary>What the kernel calls this socket; notifications carry it when this socket caused them.</summary>
    public uint PortId { get; }

    private int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>Not to hear any more what the socket with this id causes. Those messages then take no room either.</summary>
    public void Ignore(uint portId)
    {
        if (!SocketFilter.NotCausedBy(portId).TryAttach(Descriptor))
        {
            throw Failure("filter a netlink socket");
        }
    }

    /// <summary>Sends to the kernel; what it answers at once is already waiting when this returns.</summary>
    public void Send(ReadOnlySpan<byte> messages)
    {
        var kernel = new LibC.SockAddrNetlink { Family = LibC.AfNetlink };
        if (LibC.sendto(Descriptor, messages, messages.Length, 0, kernel, Marshal.SizeOf<LibC.SockAddrNetlink>()) < 0)
        {
            throw Failure($"send {messages.Length} bytes by netlink");
        }
    }

    /// <summary>Reads one datagram that is there already; 0 when there is none.</summary>
    public int Receive(Span<byte> buffer)
    {
        while (true)
        {
            var read = LibC.recv(Descriptor, buffer, buffer.Length, LibC.MsgDontWait | LibC.MsgTrunc);
            if (read >= 0)
            {
                return read <= buffer.Length
                    ? (int)read
                    : throw new NetlinkException($"netlink message of {read} bytes is longer than the buffer", LibC.ENoBufs);
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case LibC.EAgain:
                    return 0;
                case LibC.EIntr:
                    continue;
                default:
                    throw Failure("receive by netlink");
            }
        }
    }

    /// <summary>Waits for a datagram; false when none came in time.</summary>
    public bool Wait(int milliseconds)
    {
        const short pollIn = 1;
        var descriptor = new LibC.PollFd { Descriptor = Descriptor, Events = pollIn };
        return LibC.poll(ref descriptor, 1, milliseconds) > 0;
    }

    public void Dispose() => _handle.Dispose();

    private static NetlinkException Failure(string what) => new(what, Marshal.GetLastPInvokeError());
}
