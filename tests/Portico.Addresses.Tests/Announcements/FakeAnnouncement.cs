using System.Collections.Immutable;
using Portico.Addresses.Announcements;

namespace Portico.Addresses.Tests.Announcements;

/// <summary>A network that only remembers what was announced on it.</summary>
internal sealed class FakeAnnouncement : IAnnouncement
{
    private volatile ImmutableHashSet<IPv4> _addresses = [];

    public string Announced => string.Join(' ', _addresses.OrderBy(static address => address.Value));

    public void Announce(ImmutableHashSet<IPv4> addresses) => _addresses = addresses;

    public Task RunAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
}
