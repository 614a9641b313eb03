using Portico.Api.Objects;

namespace Portico.Node.Probes;

/// <summary>Asks a container, from the node.</summary>
internal interface IProber
{
    Task<ProbeResult> HttpGetAsync(HttpGetAction action, Container container, string podAddress, TimeSpan timeout, CancellationToken cancellationToken);

    Task<ProbeResult> TcpSocketAsync(TcpSocketAction action, Container container, string podAddress, TimeSpan timeout, CancellationToken cancellationToken);
}
