using System.Net;
using Portico.Net.Relays;
using Portico.Net.Sockets;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>What all forwarders of a proxy share.</summary>
/// <param name="ChecksSources">No rules in the kernel do it.</param>
internal sealed record ForwarderContext(SocketFactory Sockets, RelayLoops Loops, TrafficClassifier Classifier, bool ChecksSources, TimeProvider Time)
{
    public ForwarderTraffic Traffic { get; } = new();

    public bool Admits(Frontend frontend, IPAddress client) =>
        !ChecksSources || frontend.AllowedSources is not { } allowed || SourceRanges.Contains(allowed, client);
}
