using Portico.Addresses.Pools;

namespace Portico.Addresses.Announcements;

public sealed record AnnouncerOptions
{
    /// <summary>Name of the Node object of the machine that this runs on.</summary>
    public required string NodeName { get; init; }

    /// <summary>The interface on the network that clients come from.</summary>
    public string Interface { get; init; } = "eth0";

    /// <summary>Only its addresses are ever announced, whatever a status says; null: all.</summary>
    public AddressPool? Pool { get; init; }
}
