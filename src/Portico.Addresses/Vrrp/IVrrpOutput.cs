using System.Collections.Immutable;
using System.Net;
using Portico.Net.Vrrp;

namespace Portico.Addresses.Vrrp;

/// <summary>What a group does to the world. Never throws: what fails is told to the group.</summary>
internal interface IVrrpOutput
{
    void Send(VrrpGroup group, VrrpPacket packet);

    /// <summary>The whole set that the group stands for from now on; empty: none.</summary>
    void Stand(VrrpGroup group, ImmutableHashSet<IPAddress> addresses);

    /// <summary>Something in the status is another; <paramref name="from"/> is the state before.</summary>
    void Changed(VrrpGroup group, VrrpState from);
}
