using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portico.Net.ProxyProtocol;

/// <summary>The header of the PROXY protocol for a TCP connection (HAProxy's proxy-protocol.txt, sections 2.1 and 2.2).</summary>
public static class ProxyHeader
{
    /// <summary>The longest line of version 1.</summary>
    public const int MaximumLength = 107;

    private const byte VersionAndProxy = 0x21; // \x2 version, \x1 PROXY
    private const byte TcpOverIPv4 = 0x11;
    private const byte TcpOverIPv6 = 0x21;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <returns>Its length.</returns>
    public static int WriteVersion1(IPEndPoint client, IPEndPoint destination, Span<byte> into)
    {
        var family = client.AddressFamily == AddressFamily.InterNetworkV6 ? 6 : 4;
        return Encoding.ASCII.GetBytes(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PROXY TCP{family} {client.Address} {destination.Address} {client.Port} {destination.Port}\r\n"), into);
    }

    /// <returns>Its length.</returns>
    public static int WriteVersion2(IPEndPoint client, IPEndPoint destination, Span<byte> into)
    {
        var length = client.AddressFamily == AddressFamily.InterNetworkV6 ? 16 : 4;
        Signature.CopyTo(into);
        into[12] = VersionAndProxy;
        into[13] = length == 16 ? TcpOverIPv6 : TcpOverIPv4;
        BinaryPrimitives.WriteUInt16BigEndian(into[14..], (ushort)((2 * length) + 4));
        client.Address.TryWriteBytes(into[16..], out _);
        destination.Address.TryWriteBytes(into[(16 + length)..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(into[(16 + (2 * length))..], (ushort)client.Port);
        BinaryPrimitives.WriteUInt16BigEndian(into[(18 + (2 * length))..], (ushort)destination.Port);
        return 20 + (2 * length);
    }
}
