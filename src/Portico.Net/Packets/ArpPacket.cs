using System.Buffers.Binary;

namespace Portico.Net.Packets;

/// <summary>An ARP packet for IPv4 over Ethernet (RFC 826), and the Ethernet frame around it.</summary>
public readonly record struct ArpPacket(ArpOperation Operation, MacAddress SenderMac, IPv4 Sender, MacAddress TargetMac, IPv4 Target)
{
    public const ushort EtherType = 0x0806;

    /// <summary>Ethernet header and packet. Shorter than Ethernet's least frame; the driver pads it.</summary>
    public const int FrameLength = HeaderLength + PacketLength;

    private const int HeaderLength = 14;
    private const int PacketLength = 28;
    private const ushort HardwareEthernet = 1;
    private const ushort ProtocolIPv4 = 0x0800;

    /// <summary>
    /// Says to everyone on the link that <paramref name="address"/> is at <paramref name="mac"/> (RFC 5227, section 3). Some stations learn from
    /// requests only, some from replies only, so both are sent.
    /// </summary>
    public static ArpPacket Announcement(ArpOperation operation, IPv4 address, MacAddress mac) =>
        // Linux takes a reply for gratuitous only when its target is the sender itself, also by hardware address.
        new(operation, mac, address, operation == ArpOperation.Reply ? mac : MacAddress.Zero, address);

    /// <param name="frame">From the Ethernet destination on; padding behind the packet is ignored.</param>
    /// <returns>False for anything that is no whole ARP request or reply for IPv4 over Ethernet.</returns>
    public static bool TryRead(ReadOnlySpan<byte> frame, out ArpPacket packet)
    {
        packet = default;
        if (frame.Length < FrameLength || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != EtherType)
        {
            return false;
        }

        var body = frame[HeaderLength..];
        var operation = (ArpOperation)BinaryPrimitives.ReadUInt16BigEndian(body[6..]);
        if (BinaryPrimitives.ReadUInt16BigEndian(body) != HardwareEthernet
            || BinaryPrimitives.ReadUInt16BigEndian(body[2..]) != ProtocolIPv4
            || body[4] != MacAddress.Length
            || body[5] != IPv4.Length
            || operation is not (ArpOperation.Request or ArpOperation.Reply))
        {
            return false;
        }

        packet = new(operation, MacAddress.Read(body[8..]), IPv4.Read(body[14..]), MacAddress.Read(body[18..]), IPv4.Read(body[24..]));
        return true;
    }

    /// <param name="destination">Ethernet destination; the source is <see cref="SenderMac"/>.</param>
    /// <param name="frame">At least <see cref="FrameLength"/> bytes.</param>
    public void Write(MacAddress destination, Span<byte> frame)
    {
        destination.Write(frame);
        SenderMac.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherType);
        var body = frame.Slice(HeaderLength, PacketLength);
        BinaryPrimitives.WriteUInt16BigEndian(body, HardwareEthernet);
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], ProtocolIPv4);
        body[4] = MacAddress.Length;
        body[5] = IPv4.Length;
        BinaryPrimitives.WriteUInt16BigEndian(body[6..], (ushort)Operation);
        SenderMac.Write(body[8..]);
        Sender.Write(body[14..]);
        TargetMac.Write(body[18..]);
        Target.Write(body[24..]);
    }
}
