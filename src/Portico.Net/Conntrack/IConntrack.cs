namespace Portico.Net.Conntrack;

/// <summary>The connection tracking table of one network namespace and address family, of which only UDP flows are touched.</summary>
public interface IConntrack
{
    /// <exception cref="IOException">The kernel refused.</exception>
    IReadOnlyList<ConntrackFlow> ListUdp();

    /// <summary>Forgets the flow, so that its next packet is treated as the first. Nothing happens when it is gone already.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    void Delete(ConntrackFlow flow);
}
