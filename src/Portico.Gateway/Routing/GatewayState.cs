namespace Portico.Gateway.Routing;

/// <summary>Holds the snapshot that serves. One writer swaps it; a request takes it once and keeps it.</summary>
internal sealed class GatewayState(ServerCertificate fallback)
{
    private volatile GatewaySnapshot _current = new(0, RouteTable.Empty, new(new Dictionary<string, ServerCertificate>(), fallback));

    public GatewaySnapshot Current => _current;

    /// <summary>The first snapshot is in: what is not in the table does not exist, rather than being unknown yet.</summary>
    public bool IsComplete => _current.Generation > 0;

    public void Publish(IReadOnlyDictionary<string, HostRoutes> routes, IReadOnlyDictionary<string, ServerCertificate> certificates) =>
        _current = new(_current.Generation + 1, new(routes), new(certificates, fallback));
}
