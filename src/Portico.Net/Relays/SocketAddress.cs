using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Portico.Net.Interop;

namespace Portico.Net.Relays;

/// <summary>struct sockaddr_in and sockaddr_in6, of the kernel's own making.</summary>
internal static class SocketAddress
{
    public const int MaximumLength = 28; // sizeof(struct sockaddr_in6)

    /// <returns>Its length.</returns>
    public static int Write(IPEndPoint endpoint, Span<byte> into)
    {
        into[..MaximumLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(into[2..], (ushort)endpoint.Port);
        if (endpoint.AddressFamily == AddressFamily.InterNetworkV6)
        {
            BitConverter.TryWriteBytes(into, (ushort)LibC.AfInet6);
            endpoint.Address.TryWriteBytes(into[8..], out _);
            BitConverter.TryWriteBytes(into[24..], (uint)endpoint.Address.ScopeId);
            return 28;
        }

        BitConverter.TryWriteBytes(into, (ushort)LibC.AfInet);
        endpoint.Address.TryWriteBytes(into[4..], out _);
        return 16;
    }

    public static IPEndPoint Read(ReadOnlySpan<byte> address)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return BitConverter.ToUInt16(address) == LibC.AfInet6
            ? new(new IPAddress(address.Slice(8, 16)), port)
            : new(new IPAddress(address.Slice(4, 4)), port);
    }
}
