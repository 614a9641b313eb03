using System.Collections.Frozen;
using System.Net;
using Portico.Net.Namespaces;

namespace Portico.Proxy.Health;

public sealed record StatusServerOptions
{
    /// <summary>/healthz and /livez. Null: not served.</summary>
    public IPEndPoint? HealthAddress { get; init; } = new(IPAddress.Any, 10256);

    /// <summary>/metrics, /healthz, /proxyMode, /configz, /statusz and /flagz. Null: not served.</summary>
    public IPEndPoint? MetricsAddress { get; init; } = new(IPAddress.Loopback, 10249);

    /// <summary>An address that cannot be listened on ends the server (upstream's bindAddressHardFail); otherwise it is tried again.</summary>
    public bool HardFail { get; init; }

    /// <summary>The configuration as JSON, for /configz. Null: none.</summary>
    public string? Configuration { get; init; }

    /// <summary>The command line's flags and their values, for /flagz.</summary>
    public IReadOnlyDictionary<string, string> Flags { get => field ?? FrozenDictionary<string, string>.Empty; init; }

    /// <summary>Of the process's connection to the API server, for /metrics. Null: not counted.</summary>
    public RestClientMetrics? RestClient { get; init; }

    /// <summary>Null: the process's own network namespace, as in production.</summary>
    public NetworkNamespace? Namespace { get; init; }
}
