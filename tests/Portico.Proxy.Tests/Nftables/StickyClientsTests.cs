using System.Net;
using Portico.Net.Nftables;
using Portico.Proxy.Nftables;
using Portico.Proxy.Services;

namespace Portico.Proxy.Tests.Nftables;

public sealed class StickyClientsTests
{
    private static readonly FrontendKey ClusterIP = new(IPAddress.Parse("10.96.0.9"), TransportProtocol.Tcp, 80);
    private static readonly EndpointAddress One = new(IPAddress.Parse("10.244.1.5"), 8080, true);
    private static readonly EndpointAddress Other = new(IPAddress.Parse("10.244.1.6"), 8080, true);
    private readonly FakeNftables _nftables = new();
    private readonly StickyClients _clients;

    public StickyClientsTests()
    {
        _clients = new(_nftables, 4);
        _nftables.Apply([], [Client(Layout.Affinity, ClusterIP, One), Client(Layout.ExternalAffinity, ClusterIP, One), Client(Layout.Affinity, ClusterIP with { Port = 81 }, One)]);
    }

    [Fact]
    public void Forget_EndpointGoes_ClientsOfThatPortOnly()
    {
        _clients.Forget([new(ClusterIP, Frontend(One), Frontend(Other))]);
        Assert.Equal(2, _nftables.Elements.Count);
        Assert.DoesNotContain(Client(Layout.Affinity, ClusterIP, One), _nftables.Elements.Values);
    }

    [Fact]
    public void Forget_NodePortGoes_ClientsOfThePortStay()
    {
        var nodePort = Frontend(One) with { Key = new(IPAddress.Parse("192.168.77.11"), TransportProtocol.Tcp, 30080), Kind = FrontendKind.NodePort, PortKey = ClusterIP };
        _clients.Forget([new(nodePort.Key, nodePort, null)]);
        Assert.Equal(3, _nftables.Elements.Count);
    }

    [Fact]
    public void Forget_ServicePortGoes_AllItsClients()
    {
        _clients.Forget([new(ClusterIP, Frontend(One), null)]);
        Assert.Equal(Client(Layout.Affinity, ClusterIP with { Port = 81 }, One), Assert.Single(_nftables.Elements.Values));
    }

    [Fact]
    public void Forget_Map_AllThatItDoesNotServe()
    {
        var plan = new ServicePlan { Service = new("shop", "web"), Frontends = [Frontend(One)] };
        _clients.Forget(ServiceMap.Empty.With([plan]).Map);
        Assert.Equal(Client(Layout.Affinity, ClusterIP, One), Assert.Single(_nftables.Elements.Values));
    }

    private static Frontend Frontend(EndpointAddress endpoint) => new()
    {
        Key = ClusterIP, Kind = FrontendKind.ClusterIP, Service = new("shop", "web"), PortName = "", Affinity = TimeSpan.FromHours(3), Cluster = new[] { endpoint },
    };

    private static SetElement Client(string map, FrontendKey port, EndpointAddress endpoint) =>
        SetElement.Value(map, new([192, 0, 2, 1, .. ElementKeys.ProtocolFirst(port).Span]), ElementKeys.Of(endpoint));
}
