using Portico.Proxy.Services;

namespace Portico.Proxy.Simulation;

/// <param name="Endpoints">The candidates, when forwarded.</param>
/// <param name="Masqueraded">The endpoint sees the node's address as the source. A hairpin (an endpoint that gets its own connection) always does.</param>
/// <param name="Frontend">The frontend that decided, if one did.</param>
public sealed record PacketOutcome(Verdict Verdict, ValueList<EndpointAddress> Endpoints, bool Masqueraded, Frontend? Frontend);
