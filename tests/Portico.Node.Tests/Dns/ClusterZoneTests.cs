using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Net.Dns;
using Portico.Node.Dns;

namespace Portico.Node.Tests.Dns;

public sealed class ClusterZoneTests : IDisposable
{
    private readonly ObjectCache<Service> _services = new();
    private readonly ObjectCache<EndpointSlice> _slices = new();
    private readonly ServiceIndex _index;
    private readonly ClusterZone _zone;

    public ClusterZoneTests()
    {
        _index = new(_services, _slices);
        _zone = new(_index, "cluster.local");
        _services.Set(Service("web", new() { ClusterIP = "10.96.1.1", ClusterIPs = ["10.96.1.1"], Ports = [new() { Name = "http", Port = 80 }] }));
        _services.Set(Service("db", new() { ClusterIP = "None", ClusterIPs = ["None"] }));
        _services.Set(Service("far", new() { Type = "ExternalName", ExternalName = "web.shop.svc.cluster.local" }));
        _slices.Set(Slice("db-1", "db", [
            new() { Addresses = ["10.244.1.2"], Hostname = "db-0", Conditions = new() { Ready = true } },
            new() { Addresses = ["10.244.2.3"], Conditions = new() { Ready = true } },
            new() { Addresses = ["10.244.2.4"], Hostname = "db-2", Conditions = new() { Ready = false } },
        ]));
    }

    public void Dispose() => _index.Dispose();

    [Theory]
    [InlineData("web.shop.svc.cluster.local", "A", "10.96.1.1")]
    [InlineData("WEB.Shop.SVC.cluster.LOCAL", "A", "10.96.1.1")]
    [InlineData("web.shop.svc.cluster.local", "Aaaa", "no data")]
    [InlineData("web.other.svc.cluster.local", "A", "no name")]
    [InlineData("nobody.shop.svc.cluster.local", "A", "no name")]
    [InlineData("x.web.shop.svc.cluster.local", "A", "no name")]
    [InlineData("_http._tcp.web.shop.svc.cluster.local", "Srv", "80 web.shop.svc.cluster.local")]
    [InlineData("_http._tcp.web.shop.svc.cluster.local", "A", "no data")]
    [InlineData("_http._udp.web.shop.svc.cluster.local", "Srv", "no name")]
    [InlineData("db.shop.svc.cluster.local", "A", "10.244.1.2, 10.244.2.3")]
    [InlineData("db-0.db.shop.svc.cluster.local", "A", "10.244.1.2")]
    [InlineData("10-244-2-3.db.shop.svc.cluster.local", "A", "10.244.2.3")]
    [InlineData("db-2.db.shop.svc.cluster.local", "A", "no name")]
    [InlineData("_pg._tcp.db.shop.svc.cluster.local", "Srv", "5432 db-0.db.shop.svc.cluster.local, 5432 10-244-2-3.db.shop.svc.cluster.local")]
    [InlineData("far.shop.svc.cluster.local", "A", "web.shop.svc.cluster.local")]
    [InlineData("10-244-9-9.shop.pod.cluster.local", "A", "10.244.9.9")]
    [InlineData("1.1.96.10.in-addr.arpa", "Ptr", "web.shop.svc.cluster.local")]
    [InlineData("2.1.244.10.in-addr.arpa", "Ptr", "db-0.db.shop.svc.cluster.local")]
    [InlineData("9.9.9.9.in-addr.arpa", "Ptr", "not ours")]
    [InlineData("example.org", "A", "not ours")]
    [InlineData("cluster.local", "Soa", "ns.dns.cluster.local")]
    [InlineData("svc.cluster.local", "A", "no data")]
    [InlineData("shop.svc.cluster.local", "A", "no data")]
    public void Answer_Name_Is(string name, string type, string expected) => Assert.Equal(expected, Text(_zone.Answer(name, Enum.Parse<DnsType>(type))));

    [Fact]
    public void Answer_EndpointsChange_IsSeenAtOnce()
    {
        _slices.Set(Slice("db-1", "db", [new() { Addresses = ["10.244.3.3"] }]));
        Assert.Equal("10.244.3.3", Text(_zone.Answer("db.shop.svc.cluster.local", DnsType.A)));
        Assert.Equal("not ours", Text(_zone.Answer("2.1.244.10.in-addr.arpa", DnsType.Ptr)));
        _slices.Remove(new("shop", "db-1"));
        Assert.Equal("no name", Text(_zone.Answer("db.shop.svc.cluster.local", DnsType.A)));
    }

    [Fact]
    public void TryAnswer_QueryForUnknownZone_IsRefusedWithoutUpstreams()
    {
        var query = Convert.FromHexString("0001010000010000000000000765786D61706C6500" + "00010001");
        var responder = new DnsResponder(_zone, new([], new(null), TimeProvider.System));
        var target = new byte[512];
        Assert.True(responder.TryAnswer(query, target, 512, out _));
        Assert.Equal((int)DnsCode.Refused, target[3] & 0xf);
    }

    [Fact]
    public void TryAnswer_Response_GetsNoAnswer()
    {
        var responder = new DnsResponder(_zone, new([], new(null), TimeProvider.System));
        Assert.True(responder.TryAnswer(Convert.FromHexString("000181000001000000000000" + "00" + "00010001"), new byte[512], 512, out var length));
        Assert.Equal(0, length);
    }

    [Fact]
    public void TryAnswer_Garbage_IsAFormatErrorOfTheHeaderAlone()
    {
        var responder = new DnsResponder(_zone, new([], new(null), TimeProvider.System));
        var target = new byte[512];
        Assert.True(responder.TryAnswer(Convert.FromHexString("0001010000010000000000003f61"), target, 512, out var length));
        Assert.Equal((12, (int)DnsCode.FormatError), (length, target[3] & 0xf));
    }

    private static string Text(DnsAnswer? answer) => answer switch
    {
        null => "not ours",
        { Code: DnsCode.NameError } => "no name",
        { Answers: [] } => "no data",
        _ => string.Join(", ", answer.Answers.Select(record =>
            record.Address?.ToString() ?? (record.Type == DnsType.Srv ? $"{record.Port} {record.Target}" : record.Target))),
    };

    private static Service Service(string name, ServiceSpec spec) => new() { Metadata = new() { Name = name, Namespace = "shop" }, Spec = spec };

    private static EndpointSlice Slice(string name, string service, IReadOnlyList<Endpoint> endpoints) => new()
    {
        Metadata = new() { Name = name, Namespace = "shop", Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = service } },
        AddressType = "IPv4",
        Ports = [new() { Name = "pg", Port = 5432, Protocol = "TCP" }],
        Endpoints = endpoints,
    };
}
