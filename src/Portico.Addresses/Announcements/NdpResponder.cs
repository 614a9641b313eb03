using System.Collections.Immutable;
using Portico.Net.Packets;

namespace Portico.Addresses.Announcements;

/// <summary>Which neighbour solicitations are answered, and how: RFC 4861, section 7.2.4.</summary>
internal static class NdpResponder
{
    /// <param name="received">Anything that came from the network.</param>
    /// <param name="reply">At least <see cref="NeighbourPacket.FrameLength"/> bytes; written only when the result is not 0.</param>
    /// <returns>The length of the answer; 0: none.</returns>
    public static int Answer(ReadOnlySpan<byte> received, ImmutableHashSet<IPv6> addresses, MacAddress own, bool isRouter, Span<byte> reply)
    {
        if (!NeighbourPacket.TryRead(received, out var asked) || asked.Kind != NeighbourKind.Solicitation || !addresses.Contains(asked.Target)
            || asked.SenderMac == own)
        {
            return 0;
        }

        // Who checks whether an address is free has none to be answered at.
        if (asked.Source == IPv6.Unspecified)
        {
            var announcement = NeighbourPacket.Announcement(asked.Target, own, isRouter);
            return announcement.Write(announcement.GroupMac, reply);
        }

        var asker = asked.LinkAddress ?? asked.SenderMac;
        if (!asker.IsStation || asked.Source.IsMulticast)
        {
            return 0;
        }

        var flags = NeighbourFlags.Solicited | NeighbourFlags.Override | (isRouter ? NeighbourFlags.Router : 0);
        return new NeighbourPacket(NeighbourKind.Advertisement, own, asked.Target, asked.Source, asked.Target, own, flags).Write(asker, reply);
    }

    /// <param name="received">Anything that came from the network.</param>
    /// <returns>The advertisement of somebody else for one of <paramref name="addresses"/>; null when it is none.</returns>
    public static NeighbourPacket? FindConflict(ReadOnlySpan<byte> received, ImmutableHashSet<IPv6> addresses, MacAddress own) =>
        NeighbourPacket.TryRead(received, out var packet) && packet.Kind == NeighbourKind.Advertisement && addresses.Contains(packet.Target)
            && (packet.LinkAddress ?? packet.SenderMac) != own
            ? packet
            : null;
}
