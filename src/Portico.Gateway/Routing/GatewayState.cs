namespace Portico.Gateway.Routing;

/// <summary>Holds the snapshot that serves. One writer swaps it; a request takes it once and keeps it.</summary>
internal sealed class GatewayState(ServerCertificate fallback)
{
    private volatile GatewaySnapshot _current = new(0, RouteTable.Empty, CertificatePlan.Empty.Build(fallback));

    public GatewaySnapshot Current => _current;

    /// <summary>The first snapshot is in: what is not in the table does not exist, rather than being unknown yet.</summary>
    public bool IsComplete => _current.Generation > 0;

    public void Publish(RouteTable routes, CertificatePlan certificates)
    {
        var next = new GatewaySnapshot(_current.Generation + 1, routes, certificates.Build(fallback));
        _current = next;
    }
}
