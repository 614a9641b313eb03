using System.Collections.Immutable;
using Portico.Net.Packets;

namespace Portico.Addresses.Announcements;

/// <summary>A way to tell a network where an address is: ARP here; NDP, VRRP and BGP are others.</summary>
public interface IAnnouncement
{
    /// <summary>The whole set that this node stands for from now on. Returns at once; what left the set is not answered for any more when it returns.</summary>
    void Announce(ImmutableHashSet<IPv4> addresses);

    /// <summary>Works until cancelled; throws when the network can't be used, and may then be run again.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
