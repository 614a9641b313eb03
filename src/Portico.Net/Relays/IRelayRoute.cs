using System.Net;

namespace Portico.Net.Relays;

/// <summary>Where the connections of a listener go. Called by several threads at once, and by ones that must not wait.</summary>
public interface IRelayRoute
{
    /// <param name="failed">What did not answer this connection just now; null at its first try.</param>
    /// <returns>Null: nobody serves; the client is reset.</returns>
    IPEndPoint? Next(IPAddress client, IPEndPoint? failed);

    /// <summary>A connection to the endpoint has come about.</summary>
    /// <returns>Null: nobody wants to know what it moves.</returns>
    IRelayMeter? Connected(IPEndPoint endpoint);

    /// <summary>What the endpoint is told before the client's first byte.</summary>
    /// <returns>How many bytes were written; 0: nothing.</returns>
    int WriteHeader(IPEndPoint client, Span<byte> into);
}
