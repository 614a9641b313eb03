namespace Portico.Net.Netlink;

/// <summary>Numbers of linux/netlink.h and linux/netfilter/nfnetlink.h.</summary>
public static class NetlinkConstants
{
    public const int ProtocolRoute = 0; // NETLINK_ROUTE
    public const int ProtocolNetfilter = 12; // NETLINK_NETFILTER

    public const ushort FlagRequest = 0x001; // NLM_F_REQUEST
    public const ushort FlagAck = 0x004; // NLM_F_ACK
    public const ushort FlagDumpInterrupted = 0x010; // NLM_F_DUMP_INTR
    public const ushort FlagDump = 0x300; // NLM_F_DUMP
    public const ushort FlagExclusive = 0x200; // NLM_F_EXCL
    public const ushort FlagCreate = 0x400; // NLM_F_CREATE
    public const ushort FlagAppend = 0x800; // NLM_F_APPEND

    public const ushort TypeError = 2; // NLMSG_ERROR
    public const ushort TypeDone = 3; // NLMSG_DONE

    public const int HeaderLength = 16; // NLMSG_HDRLEN
    public const int AttributeHeaderLength = 4; // NLA_HDRLEN
    public const ushort AttributeNested = 0x8000; // NLA_F_NESTED
    public const ushort AttributeTypeMask = 0x3fff; // NLA_TYPE_MASK
    public const int NetfilterHeaderLength = 4; // sizeof(struct nfgenmsg)

    public const byte FamilyIPv4 = 2; // AF_INET, NFPROTO_IPV4
    public const byte FamilyIPv6 = 10; // AF_INET6, NFPROTO_IPV6
}
