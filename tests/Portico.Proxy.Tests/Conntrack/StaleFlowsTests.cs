using System.Net;
using System.Net.Sockets;
using Portico.Net.Conntrack;
using Portico.Proxy.Conntrack;
using Portico.Proxy.Services;

namespace Portico.Proxy.Tests.Conntrack;

public sealed class StaleFlowsTests
{
    private static readonly FrontendKey Key = new(IPAddress.Parse("10.96.0.10"), TransportProtocol.Udp, 53);

    [Theory]
    [InlineData("10.96.0.10:53", "10.244.1.1:8053", false)] // to an endpoint that serves
    [InlineData("10.96.0.10:53", "10.244.1.2:8053", true)] // to one that went
    [InlineData("10.96.0.10:53", "10.244.1.1:9999", true)] // right address, wrong port
    [InlineData("10.96.0.10:53", "10.96.0.10:53", true)] // from before there were endpoints: not translated
    [InlineData("10.96.0.11:53", "10.244.1.2:8053", false)] // of a Service that did not change
    [InlineData("192.0.2.1:53", "192.0.2.1:53", false)] // passing through
    public void Find_Flow_OnlyWhatNobodyServes(string destination, string reply, bool stale) =>
        Assert.Equal(stale, StaleFlows.Find([Flow(destination, reply)], new() { [Key] = Frontend("10.244.1.1") }).Count == 1);

    [Fact]
    public void Find_FrontendGone_AllItsFlows() => Assert.Single(StaleFlows.Find([Flow("10.96.0.10:53", "10.244.1.1:8053")], new() { [Key] = null }));

    [Fact]
    public void Concerned_OnlyServingEndpointsCount()
    {
        var before = Frontend("10.244.1.1", "10.244.1.2");
        Assert.Empty(StaleFlows.Concerned([new(Key, before, before with { LocalPolicy = true, Cluster = [] })]));
        Assert.Single(StaleFlows.Concerned([new(Key, before, Frontend("10.244.1.1"))]));
        Assert.Single(StaleFlows.Concerned([new(Key, before, null)]));
        var tcp = Key with { Protocol = TransportProtocol.Tcp };
        Assert.Empty(StaleFlows.Concerned([new(tcp, before with { Key = tcp }, null)]));
        Assert.Single(StaleFlows.Concerned([new(tcp, before with { Key = tcp, CutsConnections = true }, null)]));
    }

    [Fact]
    public void Concerned_AfterRestart_WhatIsThereAndWhatWent()
    {
        var gone = new FrontendKey(IPAddress.Parse("10.96.0.11"), TransportProtocol.Udp, 53);
        var tcp = Frontend("10.244.1.1") with { Key = Key with { Protocol = TransportProtocol.Tcp } };
        var concerned = StaleFlows.Concerned([Frontend("10.244.1.1"), tcp], [gone, gone with { Protocol = TransportProtocol.Tcp }]);
        Assert.Equal([Key, gone], concerned.Keys);
        Assert.Null(concerned[gone]);
    }

    private static ConntrackFlow Flow(string destination, string reply) => new(ProtocolType.Udp, IPEndPoint.Parse("192.168.77.2:4000"), IPEndPoint.Parse(destination), IPEndPoint.Parse(reply));

    private static Frontend Frontend(params string[] serving) => new()
    {
        Key = Key,
        Kind = FrontendKind.ClusterIP,
        Service = new("kube-system", "dns"),
        PortName = "dns",
        Serving = serving.Select(address => new EndpointAddress(IPAddress.Parse(address), 8053, false)).ToArray(),
    };
}
