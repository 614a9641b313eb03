using System.Buffers.Binary;

namespace Portico.Net.Packets;

/// <summary>A neighbour solicitation or advertisement (RFC 4861), and the Ethernet frame around it.</summary>
/// <param name="SenderMac">The Ethernet source.</param>
/// <param name="LinkAddress">Of the option that tells the source's or the target's hardware address; null when there is none.</param>
/// <param name="Flags">None in a solicitation.</param>
public readonly record struct NeighbourPacket(
    NeighbourKind Kind, MacAddress SenderMac, IPv6 Source, IPv6 Destination, IPv6 Target, MacAddress? LinkAddress, NeighbourFlags Flags)
{
    public const ushort EtherType = 0x86DD;

    /// <summary>The longest frame that is written: Ethernet header, IPv6 header, message and one option.</summary>
    public const int FrameLength = MessageStart + MessageLength + OptionLength;

    private const int EthernetLength = 14;
    private const int MessageStart = EthernetLength + 40;
    private const int MessageLength = 24;
    private const int OptionLength = 8;
    private const byte ProtocolIcmp = 58;
    private const byte OnLink = 255;
    private const byte SourceOption = 1; // RFC 4861, section 4.6.1
    private const byte TargetOption = 2;
    private const byte AllFlags = (byte)(NeighbourFlags.Override | NeighbourFlags.Solicited | NeighbourFlags.Router);

    /// <summary>Says to everyone on the link that <paramref name="address"/> is at <paramref name="mac"/>: RFC 4861, section 7.2.6.</summary>
    public static NeighbourPacket Announcement(IPv6 address, MacAddress mac, bool isRouter) =>
        new(NeighbourKind.Advertisement, mac, address, IPv6.AllNodes, address, mac, NeighbourFlags.Override | (isRouter ? NeighbourFlags.Router : 0));

    /// <summary>Asks whether anybody has <paramref name="address"/>, without claiming it: RFC 4862, section 5.4.2.</summary>
    public static NeighbourPacket Probe(IPv6 address, MacAddress mac) =>
        new(NeighbourKind.Solicitation, mac, IPv6.Unspecified, address.SolicitedNode, address, null, 0);

    /// <summary>The Ethernet destination of a packet to a group; a packet to a station needs to be told it.</summary>
    public MacAddress GroupMac => Destination.GroupMac;

    /// <param name="frame">From the Ethernet destination on; padding behind the packet is ignored.</param>
    /// <returns>False for anything that fails the checks of RFC 4861, sections 7.1.1 and 7.1.2.</returns>
    public static bool TryRead(ReadOnlySpan<byte> frame, out NeighbourPacket packet)
    {
        packet = default;
        if (frame.Length < MessageStart + MessageLength || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != EtherType)
        {
            return false;
        }

        var ip = frame[EthernetLength..];
        int length = BinaryPrimitives.ReadUInt16BigEndian(ip[4..]);
        if (ip[0] >> 4 != 6 || ip[6] != ProtocolIcmp || ip[7] != OnLink || length < MessageLength || length > frame.Length - MessageStart)
        {
            return false;
        }

        var (source, destination) = (IPv6.Read(ip[8..]), IPv6.Read(ip[24..]));
        var message = frame.Slice(MessageStart, length);
        var kind = (NeighbourKind)message[0];
        if (kind is not (NeighbourKind.Solicitation or NeighbourKind.Advertisement)
            || message[1] != 0
            || InternetChecksum.Of(source.ToIPAddress(), destination.ToIPAddress(), ProtocolIcmp, message) != 0
            || !TryReadOption(message[MessageLength..], kind == NeighbourKind.Solicitation ? SourceOption : TargetOption, out var link))
        {
            return false;
        }

        var flags = kind == NeighbourKind.Advertisement ? (NeighbourFlags)(message[4] & AllFlags) : 0;
        packet = new(kind, MacAddress.Read(frame[MacAddress.Length..]), source, destination, IPv6.Read(message[8..]), link, flags);
        return packet.IsSound;
    }

    /// <param name="destination">Ethernet destination.</param>
    /// <param name="frame">At least <see cref="FrameLength"/> bytes.</param>
    /// <returns>How many bytes the frame has.</returns>
    public int Write(MacAddress destination, Span<byte> frame)
    {
        var length = MessageLength + (LinkAddress is null ? 0 : OptionLength);
        frame = frame[..(MessageStart + length)];
        frame.Clear();
        destination.Write(frame);
        SenderMac.Write(frame[MacAddress.Length..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherType);
        var ip = frame[EthernetLength..];
        ip[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)length);
        ip[6] = ProtocolIcmp;
        ip[7] = OnLink;
        Source.Write(ip[8..]);
        Destination.Write(ip[24..]);
        var message = frame[MessageStart..];
        message[0] = (byte)Kind;
        message[4] = (byte)Flags;
        Target.Write(message[8..]);
        if (LinkAddress is { } link)
        {
            message[MessageLength] = Kind == NeighbourKind.Solicitation ? SourceOption : TargetOption;
            message[MessageLength + 1] = OptionLength / 8;
            link.Write(message[(MessageLength + 2)..]);
        }

        BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Of(Source.ToIPAddress(), Destination.ToIPAddress(), ProtocolIcmp, message));
        return frame.Length;
    }

    private bool IsSound =>
        !Target.IsMulticast
        && (Kind == NeighbourKind.Advertisement
            ? !(Destination.IsMulticast && Flags.HasFlag(NeighbourFlags.Solicited))
            : Source != IPv6.Unspecified || (LinkAddress is null && Destination == Target.SolicitedNode));

    private static bool TryReadOption(ReadOnlySpan<byte> options, byte wanted, out MacAddress? link)
    {
        link = null;
        while (!options.IsEmpty)
        {
            var length = options.Length < 2 ? 0 : options[1] * 8;
            if (length == 0 || length > options.Length)
            {
                return false;
            }

            if (options[0] == wanted && length == OptionLength)
            {
                link = MacAddress.Read(options[2..]);
            }

            options = options[length..];
        }

        return true;
    }
}
