using System.Buffers.Binary;
using Portico.Net.Netlink;

namespace Portico.Net.Nftables;

/// <summary>Writes and reads messages of nf_tables. Numbers of linux/netfilter/nf_tables.h.</summary>
internal static class NftMessages
{
    public const ushort Subsystem = 10; // NFNL_SUBSYS_NFTABLES
    public const ushort BatchBegin = 0x10; // NFNL_MSG_BATCH_BEGIN
    public const ushort BatchEnd = 0x11; // NFNL_MSG_BATCH_END
    public const ushort DeleteTable = (Subsystem << 8) | 2; // NFT_MSG_DELTABLE
    public const ushort NewChain = (Subsystem << 8) | 3; // NFT_MSG_NEWCHAIN
    public const ushort DeleteChain = (Subsystem << 8) | 5; // NFT_MSG_DELCHAIN
    public const ushort NewRule = (Subsystem << 8) | 6; // NFT_MSG_NEWRULE
    public const ushort DeleteRule = (Subsystem << 8) | 8; // NFT_MSG_DELRULE
    public const ushort NewSetElements = (Subsystem << 8) | 12; // NFT_MSG_NEWSETELEM
    public const ushort GetSetElements = (Subsystem << 8) | 13; // NFT_MSG_GETSETELEM
    public const ushort DeleteSetElements = (Subsystem << 8) | 14; // NFT_MSG_DELSETELEM
    public const ushort NewGeneration = (Subsystem << 8) | 15; // NFT_MSG_NEWGEN
    public const uint NotificationGroup = 1 << 6; // NFNLGRP_NFTABLES is group 7

    private const int ListTable = 1; // NFTA_SET_ELEM_LIST_TABLE; table, chain, rule and set messages have the table's name in 1 as well
    private const int ListSet = 2; // NFTA_SET_ELEM_LIST_SET
    private const int ChainName = 3; // NFTA_CHAIN_NAME
    private const int RuleChainName = 2; // NFTA_RULE_CHAIN
    private const int ListElements = 3; // NFTA_SET_ELEM_LIST_ELEMENTS
    private const int ListElement = 1; // NFTA_LIST_ELEM
    private const int ElementKey = 1; // NFTA_SET_ELEM_KEY
    private const int ElementData = 2; // NFTA_SET_ELEM_DATA
    private const int ElementExpression = 7; // NFTA_SET_ELEM_EXPR
    private const int ElementKeyEnd = 10; // NFTA_SET_ELEM_KEY_END
    private const int DataValue = 1; // NFTA_DATA_VALUE
    private const int DataVerdict = 2; // NFTA_DATA_VERDICT
    private const int ExpressionData = 2; // NFTA_EXPR_DATA
    private const int CounterPackets = 2; // NFTA_COUNTER_PACKETS
    private const int VerdictCode = 1; // NFTA_VERDICT_CODE
    private const int VerdictChain = 2; // NFTA_VERDICT_CHAIN
    private const uint Goto = unchecked((uint)-4); // NFT_GOTO

    // A nested attribute's length has 16 bits; one element is at most about 200 bytes.
    private const int ListLimit = 60_000;

    /// <summary>Writes messages for elements of one set, beginning at <paramref name="index"/>, until the set changes or the message is full.</summary>
    /// <returns>The index of the first element not written.</returns>
    public static int WriteElements(
        NetlinkWriter writer, ushort type, ushort flags, uint sequence, byte family, string table, IReadOnlyList<SetElement> elements, int index)
    {
        var set = elements[index].Set;
        writer.BeginNetfilter(type, flags, sequence, family);
        writer.Attribute(ListTable, table);
        writer.Attribute(ListSet, set);
        var list = writer.BeginNested(ListElements);
        var start = writer.Length;
        while (index < elements.Count && elements[index].Set == set && writer.Length - start < ListLimit)
        {
            WriteElement(writer, elements[index], withData: type == NewSetElements);
            index++;
        }

        writer.EndNested(list);
        writer.End();
        return index;
    }

    /// <summary>Makes a chain unless it is there. For each the kernel acknowledges the batch.</summary>
    public static void WriteChain(NetlinkWriter writer, uint sequence, byte family, string table, string chain)
    {
        writer.BeginNetfilter(NewChain, NetlinkConstants.FlagRequest | NetlinkConstants.FlagCreate | NetlinkConstants.FlagAck, sequence, family);
        writer.Attribute(ListTable, table);
        writer.Attribute(ChainName, chain);
        writer.End();
    }

    /// <summary>Empties a chain and fills it.</summary>
    public static void WriteRules(NetlinkWriter writer, ref uint sequence, byte family, string table, RuleChain chain)
    {
        writer.BeginNetfilter(DeleteRule, NetlinkConstants.FlagRequest, ++sequence, family);
        writer.Attribute(ListTable, table);
        writer.Attribute(RuleChainName, chain.Name);
        writer.End();
        foreach (var rule in chain.Rules)
        {
            writer.BeginNetfilter(NewRule, NetlinkConstants.FlagRequest | NetlinkConstants.FlagCreate | NetlinkConstants.FlagAppend, ++sequence, family);
            writer.Attribute(ListTable, table);
            writer.Attribute(RuleChainName, chain.Name);
            rule.Write(writer);
            writer.End();
        }
    }

    public static void WriteDump(NetlinkWriter writer, uint sequence, byte family, string table, string set)
    {
        writer.BeginNetfilter(GetSetElements, NetlinkConstants.FlagRequest | NetlinkConstants.FlagDump, sequence, family);
        writer.Attribute(ListTable, table);
        writer.Attribute(ListSet, set);
        writer.End();
    }

    /// <summary>Asks for one element: the answer is it, or the error that there is none.</summary>
    public static void WriteGet(NetlinkWriter writer, uint sequence, byte family, string table, in SetElement element)
    {
        writer.BeginNetfilter(GetSetElements, NetlinkConstants.FlagRequest, sequence, family);
        writer.Attribute(ListTable, table);
        writer.Attribute(ListSet, element.Set);
        var list = writer.BeginNested(ListElements);
        WriteElement(writer, element, withData: false);
        writer.EndNested(list);
        writer.End();
    }

    /// <summary>Reads the elements of one message of a dump; false when it is not well-formed.</summary>
    public static bool TryReadElements(ReadOnlySpan<byte> payload, string set, List<SetElement> into)
    {
        if (payload.Length < NetlinkConstants.NetfilterHeaderLength)
        {
            return false;
        }

        if (!NetlinkReader.TryFind(payload[NetlinkConstants.NetfilterHeaderLength..], ListElements, out var list))
        {
            return true;
        }

        while (NetlinkReader.TryReadAttribute(ref list, out _, out var attributes))
        {
            if (!TryReadElement(attributes, set, out var element))
            {
                return false;
            }

            into.Add(element);
        }

        return list.IsEmpty;
    }

    /// <summary>Whether a notification is about <paramref name="table"/> of <paramref name="family"/>.</summary>
    public static bool IsAbout(NetlinkHeader header, ReadOnlySpan<byte> payload, byte family, ReadOnlySpan<byte> table) =>
        header.Type >> 8 == Subsystem
        && header.Type != NewGeneration
        && payload.Length > NetlinkConstants.NetfilterHeaderLength
        && payload[0] == family
        && NetlinkReader.TryFind(payload[NetlinkConstants.NetfilterHeaderLength..], ListTable, out var name)
        && name.TrimEnd((byte)0).SequenceEqual(table);

    private static void WriteElement(NetlinkWriter writer, in SetElement element, bool withData)
    {
        var start = writer.BeginNested(ListElement);
        WriteValue(writer, ElementKey, element.Key);
        if (!element.KeyEnd.IsEmpty)
        {
            WriteValue(writer, ElementKeyEnd, element.KeyEnd);
        }

        if (withData && !element.Data.IsEmpty)
        {
            WriteValue(writer, ElementData, element.Data);
        }
        else if (withData && element.Goto is { } chain)
        {
            var data = writer.BeginNested(ElementData);
            var verdict = writer.BeginNested(DataVerdict);
            writer.Attribute(VerdictCode, Goto);
            writer.Attribute(VerdictChain, chain);
            writer.EndNested(verdict);
            writer.EndNested(data);
        }

        writer.EndNested(start);
    }

    private static void WriteValue(NetlinkWriter writer, int type, ElementBytes value)
    {
        var start = writer.BeginNested(type);
        writer.Attribute(DataValue, value.Span);
        writer.EndNested(start);
    }

    private static bool TryReadElement(ReadOnlySpan<byte> attributes, string set, out SetElement element)
    {
        var (key, end, data, chain, packets) = (ElementBytes.None, ElementBytes.None, ElementBytes.None, default(string), 0UL);
        while (NetlinkReader.TryReadAttribute(ref attributes, out var type, out var value))
        {
            switch (type)
            {
                case ElementKey when NetlinkReader.TryFind(value, DataValue, out var bytes):
                    key = new(bytes.ToArray());
                    break;
                case ElementKeyEnd when NetlinkReader.TryFind(value, DataValue, out var bytes):
                    end = new(bytes.ToArray());
                    break;
                case ElementData when NetlinkReader.TryFind(value, DataValue, out var bytes):
                    data = new(bytes.ToArray());
                    break;
                case ElementData when NetlinkReader.TryFind(value, DataVerdict, out var verdict)
                    && NetlinkReader.TryFind(verdict, VerdictChain, out var name):
                    chain = System.Text.Encoding.UTF8.GetString(name.TrimEnd((byte)0));
                    break;
                case ElementExpression when NetlinkReader.TryFind(value, ExpressionData, out var counter)
                    && NetlinkReader.TryFind(counter, CounterPackets, out var count):
                    _ = BinaryPrimitives.TryReadUInt64BigEndian(count, out packets);
                    break;
            }
        }

        element = new(set, key, end, data, chain) { Packets = packets };
        return attributes.IsEmpty && !key.IsEmpty;
    }
}
