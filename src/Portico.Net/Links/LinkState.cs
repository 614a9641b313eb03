using System.Collections.Immutable;
using System.Net;
using Portico.Net.Packets;

namespace Portico.Net.Links;

/// <summary>An interface as the kernel has it now.</summary>
/// <param name="IsRunning">It is up and has a carrier.</param>
/// <param name="Addresses">Those that packets can be sent from: usable, primary ones first, in the kernel's order.</param>
public sealed record LinkState(int Index, string Name, MacAddress Mac, bool IsRunning, ImmutableArray<IPAddress> Addresses)
{
    public bool Equals(LinkState? other) =>
        other is not null
        && (Index, Name, Mac, IsRunning) == (other.Index, other.Name, other.Mac, other.IsRunning)
        && Addresses.SequenceEqual(other.Addresses);

    public override int GetHashCode() => HashCode.Combine(Index, Name, Mac, IsRunning, Addresses.Length);
}
