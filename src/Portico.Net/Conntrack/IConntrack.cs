using System.Net;
using System.Net.Sockets;

namespace Portico.Net.Conntrack;

/// <summary>The connection tracking table of one network namespace and address family, of which only TCP and UDP flows are touched.</summary>
public interface IConntrack
{
    /// <summary>
    /// The flows of a protocol, or only those to one destination as the client named it. The kernel filters (since Linux 5.8; an older one hands out all).
    /// </summary>
    /// <param name="destination">Null: all.</param>
    /// <exception cref="IOException">The kernel refused.</exception>
    IReadOnlyList<ConntrackFlow> List(ProtocolType protocol, IPEndPoint? destination);

    /// <summary>Forgets the flow, so that its next packet is treated as the first. Nothing happens when it is gone already.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    void Delete(ConntrackFlow flow);
}
