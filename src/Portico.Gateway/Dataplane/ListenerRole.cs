namespace Portico.Gateway.Dataplane;

internal enum ListenerRole
{
    Http,
    Https,

    /// <summary>Probes and metrics.</summary>
    Health,
}
