using System.Net;
using System.Net.Sockets;
using Portico.Net.Vrrp;

namespace Portico.Addresses.Vrrp;

/// <summary>What a group makes of a packet with its id: RFC 9568, section 7.1, RFC 3768, section 7.1, and what experience adds.</summary>
/// <param name="IsUsed">Whether the advertisement counts.</param>
/// <param name="Kind">Null: nothing is wrong with it.</param>
internal readonly record struct VrrpInspection(bool IsUsed, VrrpProblemKind? Kind, string Message)
{
    private static readonly VrrpInspection Fine = new(true, null, "");

    /// <param name="own">The address that the group sends from.</param>
    /// <param name="ip">The packet as it came, for its authentication header.</param>
    /// <param name="sequence">The highest number of an authentication header so far.</param>
    public static VrrpInspection Of(VrrpGroupOptions options, IPAddress own, VrrpPacket packet, ReadOnlySpan<byte> ip, uint sequence)
    {
        var (advertisement, from) = (packet.Advertisement, $"{packet.Source} on {options.Interface}");
        if (packet.Source.Equals(own))
        {
            return Drop(VrrpProblemKind.Source, $"virtual router {options.VirtualRouterId} advertised by {from}, which is our own address: give one of the two another");
        }

        if (Peer(options, packet) is { } stranger)
        {
            return Drop(VrrpProblemKind.Peer, stranger);
        }

        // Unicast peers may be behind routers; who may speak is said by their list.
        if (options.UnicastPeers.IsEmpty && packet.HopLimit != VrrpPacket.DirectHopLimit)
        {
            return Drop(VrrpProblemKind.HopLimit, $"advertisement of {from} has hop limit {packet.HopLimit} in place of {VrrpPacket.DirectHopLimit}: it came over a router");
        }

        if (advertisement.Version != options.Version)
        {
            return Drop(VrrpProblemKind.Version, $"{from} speaks version {(int)advertisement.Version}, we {(int)options.Version}: make them the same");
        }

        if (Authentication(options, packet, ip, sequence) is { } unknown)
        {
            return Drop(VrrpProblemKind.Authentication, $"advertisement of {from}: {unknown}");
        }

        if (advertisement.Interval != options.Interval && options.Version == VrrpVersion.V2)
        {
            return Drop(
                VrrpProblemKind.Interval, $"{from} advertises every {advertisement.Interval / 100} s, we every {options.Interval / 100} s: version 2 needs them the same");
        }

        if (advertisement.Addresses.Length > 0 && !advertisement.Addresses.Any(options.Addresses.Contains))
        {
            return Drop(
                VrrpProblemKind.VirtualRouterId,
                $"{from} uses virtual router id {options.VirtualRouterId} for {string.Join(' ', advertisement.Addresses)}, none of which is ours: give one of the two another id");
        }

        return Differences(options, advertisement, from);
    }

    private static VrrpInspection Drop(VrrpProblemKind kind, string message) => new(false, kind, message);

    private static VrrpInspection Differences(VrrpGroupOptions options, VrrpAdvertisement advertisement, string from)
    {
        if (advertisement.Priority == VrrpMachine.Owner && options.Priority == VrrpMachine.Owner)
        {
            return new(true, VrrpProblemKind.Owner, $"{from} has priority 255 as we have: only the owner of the addresses may");
        }

        // Priority 0 leaves, with whatever it had.
        if (advertisement.Priority != 0 && !(advertisement.Addresses.Length == options.Addresses.Length && advertisement.Addresses.All(options.Addresses.Contains)))
        {
            return new(
                true,
                VrrpProblemKind.Addresses,
                $"{from} advertises {string.Join(' ', advertisement.Addresses)}, we {string.Join(' ', options.Addresses)}: make them the same");
        }

        return advertisement.Interval == options.Interval
            ? Fine
            : new(true, VrrpProblemKind.Interval, $"{from} advertises every {advertisement.Interval} hundredths of a second, we every {options.Interval}: make them the same");
    }

    private static string? Peer(VrrpGroupOptions options, VrrpPacket packet)
    {
        var isMulticast = packet.Destination.Equals(VrrpPacket.Group(packet.Destination.AddressFamily));
        return (isMulticast, options.UnicastPeers.IsEmpty) switch
        {
            (true, true) => null,
            (true, false) => $"{packet.Source} advertises by multicast, we are configured for unicast peers",
            (false, true) => $"{packet.Source} advertises by unicast, we are configured for multicast",
            _ => options.UnicastPeers.Any(peer => Same(peer, packet.Source)) ? null : $"{packet.Source} is none of our unicast peers",
        };
    }

    // Configured addresses may have a scope, those of packets have none.
    private static bool Same(IPAddress one, IPAddress other) =>
        one.Equals(other) || (one.AddressFamily == AddressFamily.InterNetworkV6 && one.GetAddressBytes().AsSpan().SequenceEqual(other.GetAddressBytes()));

    private static string? Authentication(VrrpGroupOptions options, VrrpPacket packet, ReadOnlySpan<byte> ip, uint sequence)
    {
        var (wanted, header) = (options.Authentication, packet.AuthenticationHeader);
        if (packet.Advertisement.Authentication != wanted || (header is not null) != (wanted == VrrpAuthenticationType.AuthenticationHeader))
        {
            return $"its authentication is {packet.Advertisement.Authentication}, ours {wanted}";
        }

        if (wanted == VrrpAuthenticationType.SimplePassword && packet.Advertisement.Password != options.PasswordBytes)
        {
            return "its password is not ours";
        }

        if (header is null)
        {
            return null;
        }

        return !header.IsAuthentic(ip, options.PasswordBytes) ? "its authentication header is wrong: other password, or changed on the way"
            : header.Sequence <= sequence ? $"its sequence number {header.Sequence} was used already"
            : null;
    }
}
