namespace Portico.Net.Packets;

/// <summary>The ICMPv6 type: RFC 4861, sections 4.3 and 4.4.</summary>
public enum NeighbourKind : byte
{
    Solicitation = 135,
    Advertisement = 136,
}
