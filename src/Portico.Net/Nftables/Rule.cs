using System.Buffers.Binary;
using System.Text;
using Portico.Net.Netlink;

namespace Portico.Net.Nftables;

/// <summary>
/// A rule in the kernel's own terms, for what the language of <c>nft</c> cannot say. Expressions work on 16 registers of four bytes, numbered from 0;
/// the first that finds nothing ends the rule. Numbers of linux/netfilter/nf_tables.h.
/// </summary>
public sealed class Rule
{
    /// <summary>Offsets of the payload are from the beginning of the IP header.</summary>
    public const uint NetworkHeader = 1; // NFT_PAYLOAD_NETWORK_HEADER

    /// <summary>Offsets of the payload are from the beginning of the TCP, UDP or SCTP header.</summary>
    public const uint TransportHeader = 2; // NFT_PAYLOAD_TRANSPORT_HEADER

    private const int RuleExpressions = 4; // NFTA_RULE_EXPRESSIONS
    private const int RuleUserData = 7; // NFTA_RULE_USERDATA
    private const int ListElement = 1; // NFTA_LIST_ELEM
    private const int ExpressionName = 1; // NFTA_EXPR_NAME
    private const int ExpressionData = 2; // NFTA_EXPR_DATA
    private const uint FirstRegister = 8; // NFT_REG32_00
    private const uint ProtocolKey = 16; // NFT_META_L4PROTO
    private const byte Original = 0; // IP_CT_DIR_ORIGINAL
    private const uint Goto = unchecked((uint)-4); // NFT_GOTO

    private readonly NetlinkWriter _expressions = new();
    private readonly byte[] _userData;

    /// <param name="comment">Shown by <c>nft list</c>; at most 128 bytes.</param>
    public Rule(string comment)
    {
        var text = Encoding.UTF8.GetBytes(comment + '\0');
        _userData = [0, (byte)text.Length, .. text]; // NFTNL_UDATA_RULE_COMMENT
    }

    /// <summary>Loads bytes of the packet; the rest of the last register is zero.</summary>
    public Rule LoadPayload(uint header, uint offset, uint length, int into) => Add("payload", (1, Register(into)), (2, header), (3, offset), (4, length));

    /// <summary>Loads the number of the transport protocol.</summary>
    public Rule LoadProtocol(int into) => Add("meta", (1, Register(into)), (2, ProtocolKey));

    /// <summary>Loads what the connection's first packet had before any translation.</summary>
    public Rule LoadOriginal(ConntrackKey key, int into)
    {
        var (element, data) = Begin("ct");
        _expressions.Attribute(1, Register(into)); // NFTA_CT_DREG
        _expressions.Attribute(2, (uint)key); // NFTA_CT_KEY
        _expressions.Attribute(3, [Original]); // NFTA_CT_DIRECTION
        return End(element, data);
    }

    /// <summary>Loads what the map has for the key.</summary>
    public Rule Lookup(string map, int key, int into)
    {
        var (element, data) = Begin("lookup");
        _expressions.Attribute(1, map); // NFTA_LOOKUP_SET
        _expressions.Attribute(2, Register(key)); // NFTA_LOOKUP_SREG
        _expressions.Attribute(3, Register(into)); // NFTA_LOOKUP_DREG
        return End(element, data);
    }

    /// <summary>Puts an element into a map for a time. One that is there keeps its value and is renewed only.</summary>
    public Rule Update(string map, int key, int value, TimeSpan timeout) => ChangeMap(1, map, key, value, timeout); // NFT_DYNSET_OP_UPDATE

    /// <summary>Takes an element out of a map.</summary>
    /// <param name="value">Not compared, but the kernel wants to know where one would be.</param>
    public Rule Delete(string map, int key, int value) => ChangeMap(2, map, key, value, null); // NFT_DYNSET_OP_DELETE

    /// <summary>Translates the destination of the connection, which ends the chain.</summary>
    public Rule TranslateDestination(byte family, int address, int port) =>
        Add("nat", (1, 1u), (2, family), (3, Register(address)), (5, Register(port))); // NFT_NAT_DNAT

    public Rule GoTo(string chain)
    {
        var (element, data) = Begin("immediate");
        _expressions.Attribute(1, 0u); // NFTA_IMMEDIATE_DREG: NFT_REG_VERDICT
        var value = _expressions.BeginNested(2); // NFTA_IMMEDIATE_DATA
        var verdict = _expressions.BeginNested(2); // NFTA_DATA_VERDICT
        _expressions.Attribute(1, Goto); // NFTA_VERDICT_CODE
        _expressions.Attribute(2, chain); // NFTA_VERDICT_CHAIN
        _expressions.EndNested(verdict);
        _expressions.EndNested(value);
        return End(element, data);
    }

    /// <summary>Writes the attributes that belong to the rule itself.</summary>
    internal void Write(NetlinkWriter writer)
    {
        writer.Attribute(RuleExpressions | NetlinkConstants.AttributeNested, _expressions.Written);
        writer.Attribute(RuleUserData, _userData);
    }

    private static uint Register(int number) => FirstRegister + (uint)number;

    private Rule ChangeMap(uint operation, string map, int key, int value, TimeSpan? timeout)
    {
        var (element, data) = Begin("dynset");
        _expressions.Attribute(1, map); // NFTA_DYNSET_SET_NAME
        _expressions.Attribute(3, operation); // NFTA_DYNSET_OP
        _expressions.Attribute(4, Register(key)); // NFTA_DYNSET_SREG_KEY
        _expressions.Attribute(5, Register(value)); // NFTA_DYNSET_SREG_DATA
        if (timeout is { } time)
        {
            Span<byte> milliseconds = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(milliseconds, (ulong)time.TotalMilliseconds);
            _expressions.Attribute(6, milliseconds); // NFTA_DYNSET_TIMEOUT
        }

        return End(element, data);
    }

    private Rule Add(string name, params ReadOnlySpan<(int Type, uint Value)> attributes)
    {
        var (element, data) = Begin(name);
        foreach (var (type, value) in attributes)
        {
            _expressions.Attribute(type, value);
        }

        return End(element, data);
    }

    private (int Element, int Data) Begin(string name)
    {
        var element = _expressions.BeginNested(ListElement);
        _expressions.Attribute(ExpressionName, name);
        return (element, _expressions.BeginNested(ExpressionData));
    }

    private Rule End(int element, int data)
    {
        _expressions.EndNested(data);
        _expressions.EndNested(element);
        return this;
    }
}
