using Portico.Api.Kinds;
using Portico.Proxy.Services;

namespace Portico.Proxy.Iptables;

/// <summary>A port of a Service: what has chains of its own.</summary>
internal sealed record ServicePortId(ObjectKey Service, string PortName, TransportProtocol Protocol)
{
    public static ServicePortId Of(Frontend frontend) => new(frontend.Service, frontend.PortName, frontend.Key.Protocol);

    /// <summary>As upstream writes it in comments and hashes.</summary>
    public override string ToString() => PortName.Length == 0 ? Service.ToString() : $"{Service}:{PortName}";
}
