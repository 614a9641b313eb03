using Portico.Api.Kinds;

namespace Portico.Proxy.Services;

/// <summary>A port of a Service.</summary>
internal sealed record ServicePortId(ObjectKey Service, string PortName, TransportProtocol Protocol)
{
    public static ServicePortId Of(Frontend frontend) => new(frontend.Service, frontend.PortName, frontend.Key.Protocol);

    /// <summary>As upstream writes it in comments and hashes.</summary>
    public override string ToString() => PortName.Length == 0 ? Service.ToString() : $"{Service}:{PortName}";
}
