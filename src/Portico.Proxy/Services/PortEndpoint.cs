using Portico.Api.Objects;

namespace Portico.Proxy.Services;

/// <summary>An endpoint as a slice tells it, for one port of the Service.</summary>
internal sealed record PortEndpoint(EndpointAddress Address, bool Ready, bool Serving, bool Terminating, EndpointHints? Hints)
{
    /// <summary>Used when nothing is ready: better a pod that is about to go than none (KEP-1669).</summary>
    public bool Fallback => Serving && Terminating;
}
