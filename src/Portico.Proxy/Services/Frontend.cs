using System.Net;
using Portico.Api.Kinds;

namespace Portico.Proxy.Services;

/// <summary>One address and port of a Service, and what becomes of a connection to it. Compared by value.</summary>
public sealed record Frontend
{
    public required FrontendKey Key { get; init; }

    public required FrontendKind Kind { get; init; }

    public required ObjectKey Service { get; init; }

    /// <summary>Empty for the only port of a Service.</summary>
    public required string PortName { get; init; }

    /// <summary>The first frontend of the same Service port, its ClusterIP if there is one: it stands for the port.</summary>
    public FrontendKey PortKey { get => field ?? Key; init; }

    /// <summary>Traffic policy Local: internalTrafficPolicy for a ClusterIP, externalTrafficPolicy for the others.</summary>
    public bool LocalPolicy { get; init; }

    public Masquerade Masquerade { get; init; }

    /// <summary>Endpoints of policy Cluster, in ascending order. Empty: the Service has none that can be used, anywhere.</summary>
    public ValueList<EndpointAddress> Cluster { get; init; }

    /// <summary>Endpoints of policy Local. Filled only where the policy is Local.</summary>
    public ValueList<EndpointAddress> Local { get; init; }

    /// <summary>All that still serve, whatever the policies. Filled only for UDP and where connections are cut: flows to others are stale.</summary>
    public ValueList<EndpointAddress> Serving { get; init; }

    /// <summary>sessionAffinity ClientIP: how long a client stays with its endpoint after its last new connection.</summary>
    public TimeSpan? Affinity { get; init; }

    /// <summary>Some clients may not have the endpoint here that they have at the <see cref="PortKey"/>: one of the two has policy Local.</summary>
    public bool ChoosesApart { get; init; }

    public Algorithm Algorithm { get; init; }

    /// <summary>The address is for Services alone, so its other ports are refused.</summary>
    public bool OwnsAddress { get; init; }

    /// <summary>
    /// Every node chooses alike and keeps the client's address, so a connection can go on through another node when the address moves there.
    /// </summary>
    public bool SurvivesMove => (Algorithm is Algorithm.SourceHash or Algorithm.Maglev) && Masquerade == Masquerade.Node && !LocalPolicy
        && (Kind is FrontendKind.LoadBalancer or FrontendKind.ExternalIP);

    /// <summary>healthCheckNodePort of the Service, on its first frontend alone.</summary>
    public int? HealthCheckPort { get; init; }

    /// <summary>Null: everybody. Disjoint.</summary>
    public ValueList<IPNetwork>? AllowedSources { get; init; }

    /// <summary>TCP connections to an endpoint that no longer serves are cut, instead of left to end by themselves.</summary>
    public bool CutsConnections { get; init; }

    /// <summary>Only of TCP in userspace mode.</summary>
    public ProxyProtocolVersion ProxyProtocol { get; init; }

    public override string ToString() => $"{Service}:{PortName} {Kind} {Key}";
}
