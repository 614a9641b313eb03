namespace Portico.Net.Relays;

/// <summary>Whose descriptors a loop watches.</summary>
internal interface IReadiness
{
    /// <param name="events">EPOLL* flags.</param>
    /// <param name="side">Which of its two descriptors: 0 or 1.</param>
    void OnReady(uint events, int side);
}
