namespace Portico.Gateway.Dataplane;

/// <summary>Whether this replica is going away: it then fails its readiness probe and asks clients to go elsewhere for their next request.</summary>
internal sealed class Draining
{
    private volatile bool _begun;

    public bool HasBegun => _begun;

    public void Begin() => _begun = true;
}
