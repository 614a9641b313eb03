using System.Net;
using Yarp.ReverseProxy.Forwarder;

namespace Portico.Gateway.Dataplane.Kestrel;

/// <summary>The forwarder's settings for each way of sending a request on.</summary>
internal sealed class ForwarderConfigs(GatewayOptions options)
{
    private readonly ForwarderRequestConfig[] _configs =
    [
        Config(HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact, options.IdleTimeout), // Http
        Config(HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact, options.IdleTimeout), // H2c
        Config(HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact, options.StreamIdleTimeout), // Grpc
        Config(HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact, options.StreamIdleTimeout), // WebSocket
        Config(HttpVersion.Version20, HttpVersionPolicy.RequestVersionOrLower, options.IdleTimeout), // Tls
    ];

    public ForwarderRequestConfig Of(UpstreamKind kind) => _configs[(int)kind];

    private static ForwarderRequestConfig Config(Version version, HttpVersionPolicy policy, TimeSpan idle) =>
        new() { Version = version, VersionPolicy = policy, ActivityTimeout = idle };
}
