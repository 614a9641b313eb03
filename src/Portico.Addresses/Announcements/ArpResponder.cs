using System.Collections.Immutable;
using Portico.Net.Packets;

namespace Portico.Addresses.Announcements;

/// <summary>Which ARP frames are answered, and how.</summary>
internal static class ArpResponder
{
    /// <param name="received">Anything that came from the network.</param>
    /// <param name="reply">At least <see cref="ArpPacket.FrameLength"/> bytes; written only when the result is true.</param>
    public static bool TryAnswer(ReadOnlySpan<byte> received, ImmutableHashSet<IPv4> addresses, MacAddress own, Span<byte> reply)
    {
        if (!ArpPacket.TryRead(received, out var asked) || asked.Operation != ArpOperation.Request || !addresses.Contains(asked.Target))
        {
            return false;
        }

        // An announcement asks nothing; an answer to a group would be spread by us for somebody else.
        if (asked.Sender == asked.Target || !asked.SenderMac.IsStation || asked.SenderMac == own)
        {
            return false;
        }

        new ArpPacket(ArpOperation.Reply, own, asked.Target, asked.SenderMac, asked.Sender).Write(asked.SenderMac, reply);
        return true;
    }
    /// <summary>RFC 5227, section 2.4: whoever sends from an address says that it is theirs.</summary>
    /// <param name="received">Anything that came from the network.</param>
    /// <returns>The packet of somebody else that claims one of <paramref name="addresses"/>; null when it is none.</returns>
    public static ArpPacket? FindConflict(ReadOnlySpan<byte> received, ImmutableHashSet<IPv4> addresses, MacAddress own) =>
        ArpPacket.TryRead(received, out var packet) && addresses.Contains(packet.Sender) && packet.SenderMac != own ? packet : null;
}
