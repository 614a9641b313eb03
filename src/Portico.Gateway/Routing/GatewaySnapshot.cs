namespace Portico.Gateway.Routing;

/// <summary>Everything that a request or a handshake looks at, swapped as a whole. Endpoints live in the backends that routes point at.</summary>
/// <param name="Generation">Counts snapshots from 1; 0 is the empty one before the first.</param>
internal sealed record GatewaySnapshot(long Generation, RouteTable Routes, CertificateTable Certificates);
