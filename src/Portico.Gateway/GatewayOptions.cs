using System.Net;

namespace Portico.Gateway;

/// <summary>How one gateway runs. What it serves comes from the Kubernetes API alone.</summary>
public sealed record GatewayOptions
{
    /// <summary>Address to listen on; null: all of them.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>0: any free port, as for the others.</summary>
    public int HttpPort { get; init; } = 80;

    public int HttpsPort { get; init; } = 443;

    /// <summary>Port of /healthz, /livez and /metrics.</summary>
    public int HealthPort { get; init; } = 10254;

    /// <summary>spec.controller of the IngressClasses that are ours.</summary>
    public string ControllerName { get; init; } = "portico.dev/gateway";

    /// <summary>"namespace/name" of the Service in front of the gateway: its addresses become the Ingresses' status. Null: status is left alone.</summary>
    public string? PublishService { get; init; } = "portico-system/gateway";

    /// <summary>Namespace of the Lease by which one replica is elected to write status.</summary>
    public string LeaseNamespace { get; init; } = "portico-system";

    /// <summary>Name of this replica in the Lease and in Events; its pod's name.</summary>
    public string Identity { get; init; } = Environment.MachineName;

    /// <summary>How long new connections are still taken after the readiness probe began to fail: others need to hear of it.</summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long open requests and WebSockets may go on after that.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Time for a connection to an endpoint.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time in which nothing moves in either direction before an endpoint counts as dead (504).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The same for WebSockets and gRPC, which are silent by nature.</summary>
    public TimeSpan StreamIdleTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>One line per request at Information.</summary>
    public bool AccessLog { get; init; }
}
