using System.Net;
using Portico.Proxy.Services;

namespace Portico.Proxy.Nftables;

/// <summary>Which endpoint is in which slot of a frontend.</summary>
internal sealed record EndpointSlots(EndpointAddress[] Cluster, EndpointAddress[] Local)
{
    public static readonly EndpointSlots None = new([], []);

    /// <summary>Endpoints that stay keep their slots as far as that leaves no hole, so a change of one endpoint is a change of one or two elements.</summary>
    public static EndpointAddress[] Arrange(IReadOnlyList<EndpointAddress> before, ValueList<EndpointAddress> wanted)
    {
        var slots = new EndpointAddress[wanted.Count];
        var waiting = new Dictionary<(IPAddress, ushort), EndpointAddress>(wanted.Count);
        foreach (var endpoint in wanted)
        {
            waiting[(endpoint.Address, endpoint.Port)] = endpoint;
        }

        for (var slot = 0; slot < slots.Length && slot < before.Count; slot++)
        {
            if (waiting.Remove((before[slot].Address, before[slot].Port), out var staying))
            {
                slots[slot] = staying;
            }
        }

        var next = 0;
        foreach (var endpoint in wanted)
        {
            if (waiting.ContainsKey((endpoint.Address, endpoint.Port)))
            {
                while (slots[next] is not null)
                {
                    next++;
                }

                slots[next] = endpoint;
            }
        }

        return slots;
    }
}
