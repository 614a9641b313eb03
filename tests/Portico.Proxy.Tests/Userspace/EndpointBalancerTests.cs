using System.Net;
using Microsoft.Extensions.Time.Testing;
using Portico.Proxy.Services;
using Portico.Proxy.Userspace;

namespace Portico.Proxy.Tests.Userspace;

public sealed class EndpointBalancerTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    private readonly FakeTimeProvider _time = new();
    private readonly EndpointBalancer _balancer;

    public EndpointBalancerTests() => _balancer = new(_time);

    [Fact]
    public void Next_NoAffinity_EveryEndpointInTurn()
    {
        var frontend = Frontend(null, 1, 2, 3);
        Assert.Equal([1, 2, 3, 1, 2, 3, 1], Enumerable.Range(0, 7).Select(_ => (int)_balancer.Next(frontend, Client, TrafficSource.External)!.Port));
    }

    [Fact]
    public void Next_NoEndpoint_Null() => Assert.Null(_balancer.Next(Frontend(null), Client, TrafficSource.External));

    [Fact]
    public void Next_Affinity_RefreshedByEveryConnectionAndThenForgotten()
    {
        var frontend = Frontend(TimeSpan.FromSeconds(10), 1, 2);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(1, _balancer.Next(frontend, Client, TrafficSource.External)!.Port);
            _time.Advance(TimeSpan.FromSeconds(9));
        }

        Assert.Equal(2, _balancer.Next(frontend, IPAddress.Parse("192.0.2.2"), TrafficSource.External)!.Port);
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(1, _balancer.Next(frontend, IPAddress.Parse("192.0.2.2"), TrafficSource.External)!.Port);
    }

    [Fact]
    public void Next_StickyEndpointFailsOrGoes_ClientMovesAndStaysThere()
    {
        var frontend = Frontend(TimeSpan.FromHours(1), 1, 2, 3);
        var first = _balancer.Next(frontend, Client, TrafficSource.External)!;
        var second = _balancer.Next(frontend, Client, TrafficSource.External, failed: new(first.Address, first.Port))!;
        Assert.Equal((1, 2), (first.Port, second.Port));
        Assert.Equal(2, _balancer.Next(frontend, Client, TrafficSource.External)!.Port);
        var third = _balancer.Next(Frontend(TimeSpan.FromHours(1), 1, 3), Client, TrafficSource.External)!;
        Assert.NotEqual(2, third.Port);
        Assert.Equal(third, _balancer.Next(frontend, Client, TrafficSource.External));
    }

    [Fact]
    public void Next_TurnIsBackAtTheFailedEndpoint_SkipsIt()
    {
        var frontend = Frontend(null, 1, 2);
        var first = _balancer.Next(frontend, Client, TrafficSource.External)!;
        _balancer.Next(frontend, Client, TrafficSource.External);
        Assert.Equal(2, _balancer.Next(frontend, Client, TrafficSource.External, failed: new(first.Address, first.Port))!.Port);
    }

    [Fact]
    public void Next_PolicyLocal_OnlyOutsideIsBoundToThisNode()
    {
        var frontend = Frontend(null, 1, 2) with { LocalPolicy = true, Local = new[] { Endpoint(2) } };
        Assert.Equal(2, _balancer.Next(frontend, Client, TrafficSource.External)!.Port);
        Assert.Equal([1, 2], new[] { TrafficSource.Pod, TrafficSource.Node }.Select(source => (int)_balancer.Next(frontend, Client, source)!.Port));
    }

    [Fact]
    public void Next_AffinityAndPolicyLocalAtTheNodePortOnly_ClientHasOneEndpointThereAndOneHere()
    {
        var clusterIP = Frontend(TimeSpan.FromHours(1), 1, 2) with { Kind = FrontendKind.ClusterIP };
        var nodePort = Frontend(TimeSpan.FromHours(1), 1, 2) with { Kind = FrontendKind.NodePort, LocalPolicy = true, Local = new[] { Endpoint(2) } };
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(1, _balancer.Next(clusterIP, Client, TrafficSource.External)!.Port);
            Assert.Equal(2, _balancer.Next(nodePort, Client, TrafficSource.External)!.Port);
        }
    }

    [Fact]
    public void Enter_FrontendsOfOnePort_OneBalancerUntilTheLastLeaves()
    {
        var balancers = new PortBalancers(_time);
        var clusterIP = Frontend(null, 1);
        var nodePort = clusterIP with { Key = new(IPAddress.Parse("192.0.2.10"), TransportProtocol.Tcp, 30080) };
        var balancer = balancers.Enter(clusterIP);
        Assert.Same(balancer, balancers.Enter(nodePort));
        Assert.NotSame(balancer, balancers.Enter(clusterIP with { PortName = "another" }));
        balancers.Leave(clusterIP);
        Assert.Same(balancer, balancers.Enter(clusterIP));
        balancers.Leave(clusterIP);
        balancers.Leave(nodePort);
        Assert.NotSame(balancer, balancers.Enter(clusterIP));
    }

    private static EndpointAddress Endpoint(int port) => new(IPAddress.Parse("10.0.0.1"), (ushort)port, true);

    private static Frontend Frontend(TimeSpan? affinity, params int[] ports) => new()
    {
        Key = new(IPAddress.Parse("192.0.2.9"), TransportProtocol.Tcp, 80),
        Kind = FrontendKind.LoadBalancer,
        Service = new("shop", "web"),
        PortName = "",
        Affinity = affinity,
        Cluster = ports.Select(Endpoint).ToArray(),
    };
}
