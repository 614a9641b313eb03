namespace Portico.Net.Netlink;

/// <summary>struct nlmsghdr without its length.</summary>
public readonly record struct NetlinkHeader(ushort Type, ushort Flags, uint Sequence, uint PortId);
