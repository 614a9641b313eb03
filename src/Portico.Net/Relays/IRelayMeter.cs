namespace Portico.Net.Relays;

/// <summary>Hears what a connection moves, as long as it lasts. Must not wait.</summary>
public interface IRelayMeter
{
    /// <param name="up">Bytes that the endpoint got from the client since the last call.</param>
    /// <param name="down">The other way.</param>
    void Moved(long up, long down);
}
