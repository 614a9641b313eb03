using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Portico.Net.Packets;

/// <summary>struct sockaddr_ll of packet(7): one interface, and one protocol on it.</summary>
internal sealed class LinkEndPoint(int interfaceIndex, ushort etherType, MacAddress mac = default, ushort hardwareType = 0) : EndPoint
{
    private const int Size = 20;
    private const int FamilySize = 2;

    public override AddressFamily AddressFamily => AddressFamily.Packet;

    public int InterfaceIndex { get; } = interfaceIndex;

    public MacAddress Mac { get; } = mac;

    /// <summary>ARPHRD_*, if_arp.h.</summary>
    public ushort HardwareType { get; } = hardwareType;

    public override SocketAddress Serialize()
    {
        var address = new SocketAddress(AddressFamily.Packet, Size);
        var bytes = address.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[FamilySize..], etherType);
        BitConverter.TryWriteBytes(bytes[4..], InterfaceIndex);
        return address;
    }

    public override EndPoint Create(SocketAddress socketAddress)
    {
        var bytes = socketAddress.Buffer.Span[..socketAddress.Size];
        return bytes.Length < 12 + MacAddress.Length
            ? new LinkEndPoint(0, 0)
            : new LinkEndPoint(
                BitConverter.ToInt32(bytes[4..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[FamilySize..]), MacAddress.Read(bytes[12..]), BitConverter.ToUInt16(bytes[8..]));
    }
}
