using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Portico.Net.Netlink;

namespace Portico.Net.Conntrack;

/// <summary>Writes and reads ctnetlink messages. Numbers of linux/netfilter/nfnetlink_conntrack.h.</summary>
internal static class ConntrackMessages
{
    public const ushort New = 1 << 8; // NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW

    private const ushort Get = (1 << 8) | 1; // IPCTNL_MSG_CT_GET
    private const ushort Remove = (1 << 8) | 2; // IPCTNL_MSG_CT_DELETE
    private const int TupleOriginal = 1; // CTA_TUPLE_ORIG
    private const int TupleReply = 2; // CTA_TUPLE_REPLY
    private const int Filter = 25; // CTA_FILTER
    private const int FilterOriginalFlags = 1; // CTA_FILTER_ORIG_FLAGS
    private const int FilterReplyFlags = 2; // CTA_FILTER_REPLY_FLAGS

    // Which fields of the tuple count: net/netfilter/nf_internals.h, CTA_FILTER_F_*.
    private const uint FilterDestinationAddress = 1 << 1; // CTA_FILTER_F_CTA_IP_DST
    private const uint FilterProtocol = 1 << 3; // CTA_FILTER_F_CTA_PROTO_NUM
    private const uint FilterDestinationPort = 1 << 5; // CTA_FILTER_F_CTA_PROTO_DST_PORT
    private const int TupleIp = 1; // CTA_TUPLE_IP
    private const int TupleProtocol = 2; // CTA_TUPLE_PROTO
    private const int ProtocolNumber = 1; // CTA_PROTO_NUM
    private const int ProtocolSourcePort = 2; // CTA_PROTO_SRC_PORT
    private const int ProtocolDestinationPort = 3; // CTA_PROTO_DST_PORT

    /// <summary>Asks for the flows of a protocol, or only those to one destination; the kernel filters.</summary>
    public static void WriteDump(NetlinkWriter writer, uint sequence, byte family, ProtocolType wanted, IPEndPoint? destination)
    {
        writer.BeginNetfilter(Get, NetlinkConstants.FlagRequest | NetlinkConstants.FlagDump, sequence, family);
        var flags = FilterProtocol;
        var tuple = writer.BeginNested(TupleOriginal);
        if (destination is not null)
        {
            // Of IPv6 the port alone: Linux answers with exactly the addresses that were not asked for (ctnetlink_filter_match_tuple takes ipv6_addr_cmp the
            // wrong way round; seen on 6.18).
            flags |= FilterDestinationPort | (family == NetlinkConstants.FamilyIPv6 ? 0 : FilterDestinationAddress);
            var ip = writer.BeginNested(TupleIp);
            writer.Attribute(DestinationAddress(family), destination.Address.GetAddressBytes());
            writer.EndNested(ip);
        }

        var protocol = writer.BeginNested(TupleProtocol);
        writer.Attribute(ProtocolNumber, [(byte)wanted]);
        if (destination is not null)
        {
            WritePort(writer, ProtocolDestinationPort, destination.Port);
        }

        writer.EndNested(protocol);
        writer.EndNested(tuple);
        var filter = writer.BeginNested(Filter);
        writer.Attribute(FilterOriginalFlags, BitConverter.GetBytes(flags));
        writer.Attribute(FilterReplyFlags, BitConverter.GetBytes(0u));
        writer.EndNested(filter);
        writer.End();
    }

    public static void WriteDelete(NetlinkWriter writer, uint sequence, byte family, ConntrackFlow flow)
    {
        writer.BeginNetfilter(Remove, NetlinkConstants.FlagRequest | NetlinkConstants.FlagAck, sequence, family);
        var tuple = writer.BeginNested(TupleOriginal);
        var ip = writer.BeginNested(TupleIp);
        writer.Attribute(SourceAddress(family), flow.Source.Address.GetAddressBytes());
        writer.Attribute(DestinationAddress(family), flow.Destination.Address.GetAddressBytes());
        writer.EndNested(ip);
        var protocol = writer.BeginNested(TupleProtocol);
        writer.Attribute(ProtocolNumber, [(byte)flow.Protocol]);
        WritePort(writer, ProtocolSourcePort, flow.Source.Port);
        WritePort(writer, ProtocolDestinationPort, flow.Destination.Port);
        writer.EndNested(protocol);
        writer.EndNested(tuple);
        writer.End();
    }

    /// <summary>False when the message is no TCP or UDP flow or not well-formed.</summary>
    public static bool TryReadFlow(ReadOnlySpan<byte> payload, byte family, out ConntrackFlow? flow)
    {
        flow = null;
        if (payload.Length < NetlinkConstants.NetfilterHeaderLength)
        {
            return false;
        }

        var attributes = payload[NetlinkConstants.NetfilterHeaderLength..];
        if (!NetlinkReader.TryFind(attributes, TupleOriginal, out var original) || !TryReadTuple(original, family, out var number, out var source, out var destination)
            || !NetlinkReader.TryFind(attributes, TupleReply, out var reply) || !TryReadTuple(reply, family, out _, out var replySource, out _))
        {
            return false;
        }

        flow = new((ProtocolType)number, source!, destination!, replySource!);
        return true;
    }

    private static bool TryReadTuple(ReadOnlySpan<byte> tuple, byte family, out byte number, out IPEndPoint? source, out IPEndPoint? destination)
    {
        (number, source, destination) = (0, null, null);
        var length = family == NetlinkConstants.FamilyIPv6 ? 16 : 4;
        if (!NetlinkReader.TryFind(tuple, TupleIp, out var ip) || !NetlinkReader.TryFind(tuple, TupleProtocol, out var protocol)
            || !NetlinkReader.TryFind(protocol, ProtocolNumber, out var kind) || kind.Length != 1 || (ProtocolType)kind[0] is not (ProtocolType.Tcp or ProtocolType.Udp)
            || !NetlinkReader.TryFind(ip, SourceAddress(family), out var from) || from.Length != length
            || !NetlinkReader.TryFind(ip, DestinationAddress(family), out var to) || to.Length != length
            || !NetlinkReader.TryFind(protocol, ProtocolSourcePort, out var fromPort) || fromPort.Length != 2
            || !NetlinkReader.TryFind(protocol, ProtocolDestinationPort, out var toPort) || toPort.Length != 2)
        {
            return false;
        }

        number = kind[0];
        source = new(new IPAddress(from), BinaryPrimitives.ReadUInt16BigEndian(fromPort));
        destination = new(new IPAddress(to), BinaryPrimitives.ReadUInt16BigEndian(toPort));
        return true;
    }

    private static void WritePort(NetlinkWriter writer, int type, int port)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)port);
        writer.Attribute(type, bytes);
    }

    private static int SourceAddress(byte family) => family == NetlinkConstants.FamilyIPv6 ? 3 : 1; // CTA_IP_V6_SRC, CTA_IP_V4_SRC

    private static int DestinationAddress(byte family) => family == NetlinkConstants.FamilyIPv6 ? 4 : 2; // CTA_IP_V6_DST, CTA_IP_V4_DST
}
