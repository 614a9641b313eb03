namespace Portico.Net.Packets;

/// <summary>Of an advertisement: RFC 4861, section 4.4.</summary>
[Flags]
public enum NeighbourFlags : byte
{
    None = 0,

    /// <summary>Replaces what the receiver knows.</summary>
    Override = 0x20,

    /// <summary>Answers a solicitation.</summary>
    Solicited = 0x40,

    /// <summary>The sender is a router.</summary>
    Router = 0x80,
}
