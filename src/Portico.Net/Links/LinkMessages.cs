using System.Net;
using System.Net.Sockets;
using System.Text;
using Portico.Net.Netlink;
using Portico.Net.Packets;

namespace Portico.Net.Links;

/// <summary>Messages of rtnetlink(7) about interfaces and their addresses.</summary>
internal static class LinkMessages
{
    public const ushort NewLink = 16; // RTM_NEWLINK
    public const ushort DeleteLink = 17; // RTM_DELLINK
    public const ushort GetLink = 18; // RTM_GETLINK
    public const ushort NewAddress = 20; // RTM_NEWADDR
    public const ushort DeleteAddress = 21; // RTM_DELADDR
    public const ushort GetAddress = 22; // RTM_GETADDR
    public const uint Groups = 0x1 | 0x10 | 0x100; // RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR

    private const int LinkHeader = 16; // sizeof(struct ifinfomsg)
    private const int AddressHeader = 8; // sizeof(struct ifaddrmsg)
    private const uint Up = 0x1; // IFF_UP
    private const uint Running = 0x40; // IFF_RUNNING
    private const byte Secondary = 0x01; // IFA_F_SECONDARY
    private const byte NoDuplicateDetection = 0x02; // IFA_F_NODAD
    private const byte Failed = 0x08; // IFA_F_DADFAILED
    private const byte Tentative = 0x40; // IFA_F_TENTATIVE

    private const int LinkAddress = 1; // IFLA_ADDRESS
    private const int LinkName = 3; // IFLA_IFNAME
    private const int LinkParent = 5; // IFLA_LINK
    private const int LinkInfo = 18; // IFLA_LINKINFO
    private const int LinkFamilies = 26; // IFLA_AF_SPEC
    private const int InfoKind = 1; // IFLA_INFO_KIND
    private const int InfoData = 2; // IFLA_INFO_DATA
    private const int MacvlanMode = 1; // IFLA_MACVLAN_MODE
    private const uint MacvlanPrivate = 1; // MACVLAN_MODE_PRIVATE
    private const int AddressGeneration = 8; // IFLA_INET6_ADDR_GEN_MODE
    private const byte NoAddresses = 1; // IN6_ADDR_GEN_MODE_NONE
    private const int Address = 1; // IFA_ADDRESS
    private const int LocalAddress = 2; // IFA_LOCAL

    private const ushort Changing = NetlinkConstants.FlagRequest | NetlinkConstants.FlagAck;

    public static void WriteDump(NetlinkWriter writer, ushort type, uint sequence)
    {
        writer.Begin(type, NetlinkConstants.FlagRequest | NetlinkConstants.FlagDump, sequence, stackalloc byte[type == GetLink ? LinkHeader : AddressHeader]);
        writer.End();
    }

    /// <summary>A macvlan that is down and hears nothing of its siblings.</summary>
    public static void WriteMacvlan(NetlinkWriter writer, uint sequence, string name, int parent, MacAddress mac)
    {
        writer.Begin(NewLink, Changing | NetlinkConstants.FlagCreate | NetlinkConstants.FlagExclusive, sequence, stackalloc byte[LinkHeader]);
        Span<byte> address = stackalloc byte[MacAddress.Length];
        mac.Write(address);
        writer.Attribute(LinkAddress, address);
        writer.Attribute(LinkName, name);
        writer.Attribute(LinkParent, BitConverter.GetBytes(parent));
        var info = writer.BeginNested(LinkInfo);
        writer.Attribute(InfoKind, "macvlan"u8);
        var data = writer.BeginNested(InfoData);
        writer.Attribute(MacvlanMode, BitConverter.GetBytes(MacvlanPrivate));
        writer.EndNested(data);
        writer.EndNested(info);
        writer.End();
    }

    /// <summary>Makes the interface have no IPv6 address that it was not given.</summary>
    public static void WriteNoGeneration(NetlinkWriter writer, uint sequence, int index)
    {
        Span<byte> header = stackalloc byte[LinkHeader];
        BitConverter.TryWriteBytes(header[4..], index);
        writer.Begin(NewLink, Changing, sequence, header);
        var families = writer.BeginNested(LinkFamilies);
        var six = writer.BeginNested(NetlinkConstants.FamilyIPv6);
        writer.Attribute(AddressGeneration, [NoAddresses]);
        writer.EndNested(six);
        writer.EndNested(families);
        writer.End();
    }

    public static void WriteUp(NetlinkWriter writer, uint sequence, int index, bool up)
    {
        Span<byte> header = stackalloc byte[LinkHeader];
        BitConverter.TryWriteBytes(header[4..], index);
        BitConverter.TryWriteBytes(header[8..], up ? Up : 0);
        BitConverter.TryWriteBytes(header[12..], Up);
        writer.Begin(NewLink, Changing, sequence, header);
        writer.End();
    }

    public static void WriteDeleteLink(NetlinkWriter writer, uint sequence, int index)
    {
        Span<byte> header = stackalloc byte[LinkHeader];
        BitConverter.TryWriteBytes(header[4..], index);
        writer.Begin(DeleteLink, Changing, sequence, header);
        writer.End();
    }

    /// <param name="type"><see cref="NewAddress"/> or <see cref="DeleteAddress"/>.</param>
    public static void WriteAddress(NetlinkWriter writer, ushort type, uint sequence, int index, IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        Span<byte> header = stackalloc byte[AddressHeader];
        header[0] = address.AddressFamily == AddressFamily.InterNetwork ? NetlinkConstants.FamilyIPv4 : NetlinkConstants.FamilyIPv6;
        header[1] = (byte)(bytes.Length * 8);
        header[2] = NoDuplicateDetection;
        BitConverter.TryWriteBytes(header[4..], index);
        writer.Begin(type, (ushort)(Changing | (type == NewAddress ? NetlinkConstants.FlagCreate : 0)), sequence, header);
        writer.Attribute(LocalAddress, bytes);
        writer.Attribute(Address, bytes);
        writer.End();
    }

    /// <param name="payload">Of a <see cref="NewLink"/>.</param>
    public static bool TryReadLink(ReadOnlySpan<byte> payload, out LinkState? link)
    {
        link = null;
        if (payload.Length < LinkHeader || !NetlinkReader.TryFind(payload[LinkHeader..], LinkName, out var name))
        {
            return false;
        }

        const uint both = Up | Running;
        var mac = NetlinkReader.TryFind(payload[LinkHeader..], LinkAddress, out var address) && address.Length == MacAddress.Length
            ? MacAddress.Read(address)
            : MacAddress.Zero;
        link = new(
            BitConverter.ToInt32(payload[4..]), Encoding.UTF8.GetString(name.TrimEnd((byte)0)), mac, (BitConverter.ToUInt32(payload[8..]) & both) == both, []);
        return true;
    }

    /// <param name="payload">Of a <see cref="NewAddress"/>.</param>
    /// <returns>False also for an address that packets cannot be sent from yet.</returns>
    public static bool TryReadAddress(ReadOnlySpan<byte> payload, out int index, out IPAddress? address, out bool isSecondary)
    {
        (index, address, isSecondary) = (0, null, false);
        if (payload.Length < AddressHeader || (payload[2] & (Failed | Tentative)) != 0)
        {
            return false;
        }

        var length = payload[0] switch { NetlinkConstants.FamilyIPv4 => 4, NetlinkConstants.FamilyIPv6 => 16, _ => 0 };
        var attributes = payload[AddressHeader..];
        // Of a point-to-point link IFA_ADDRESS is the other end; only IPv4 always has IFA_LOCAL.
        if (!(NetlinkReader.TryFind(attributes, LocalAddress, out var bytes) || NetlinkReader.TryFind(attributes, Address, out bytes)) || length == 0 || bytes.Length != length)
        {
            return false;
        }

        (index, address, isSecondary) = (BitConverter.ToInt32(payload[4..]), new(bytes), (payload[2] & Secondary) != 0);
        return true;
    }
}
