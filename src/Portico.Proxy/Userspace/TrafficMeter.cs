using Portico.Net.Relays;
using Portico.Proxy.Traffic;

namespace Portico.Proxy.Userspace;

/// <summary>Counts for one endpoint of a Service port, or for all of them together. Safe for several threads.</summary>
/// <param name="whole">Counts all that this does.</param>
internal sealed class TrafficMeter(TrafficMeter? whole) : IRelayMeter
{
    private long _connections;
    private long _received;
    private long _sent;

    public TrafficCount Count => new(Interlocked.Read(ref _connections), Interlocked.Read(ref _received), Interlocked.Read(ref _sent));

    public void Connected()
    {
        Interlocked.Increment(ref _connections);
        whole?.Connected();
    }

    public void Moved(long up, long down)
    {
        if (up > 0)
        {
            Interlocked.Add(ref _received, up);
        }

        if (down > 0)
        {
            Interlocked.Add(ref _sent, down);
        }

        whole?.Moved(up, down);
    }
}
