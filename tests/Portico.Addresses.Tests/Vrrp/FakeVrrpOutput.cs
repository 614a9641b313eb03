using System.Collections.Immutable;
using System.Net;
using Portico.Addresses.Vrrp;
using Portico.Net.Vrrp;

namespace Portico.Addresses.Tests.Vrrp;

/// <summary>Remembers what a group did.</summary>
internal sealed class FakeVrrpOutput : IVrrpOutput
{
    public List<VrrpPacket> Sent { get; } = [];

    public string Standing { get; private set; } = "";

    public int Changes { get; private set; }

    public void Send(VrrpGroup group, VrrpPacket packet) => Sent.Add(packet);

    public void Stand(VrrpGroup group, ImmutableHashSet<IPAddress> addresses) =>
        Standing = string.Join(' ', addresses.Select(static address => address.ToString()).Order(StringComparer.Ordinal));

    public void Changed(VrrpGroup group, VrrpState from) => Changes++;
}
