using System.Net;
using System.Net.Sockets;
using Portico.Api.Objects;
using Portico.Proxy.Services;

namespace Portico.Proxy.Tests.Services;

/// <summary>The cases of upstream's TestCategorizeEndpoints that concern the choice.</summary>
public sealed class EndpointSelectionTests
{
    private static readonly CompileContext Context = new()
    {
        NodeName = "node1", Family = AddressFamily.InterNetwork, Zone = "a", NodeAddresses = [IPAddress.Parse("192.168.77.11")],
    };

    [Theory]
    // the node is node1 in zone a; endpoint: last byte, node, flags r(eady) s(erving) t(erminating), hints z=zones n=nodes
    [InlineData("1/node1/rs 2/node2/rs", "1 2", "1")]
    [InlineData("1/node1/rs 2/node2/", "1", "1")]
    [InlineData("1/node2/rs", "1", "")]
    [InlineData("1/node1/ 2/node2/", "", "")]
    [InlineData("1/node1/st 2/node2/rs", "2", "1")]
    [InlineData("1/node1/st 2/node2/st", "1 2", "1")]
    [InlineData("1/node1/t 2/node2/st", "2", "")]
    [InlineData("1/node1/rs/za 2/node2/rs/zb", "1", "1")]
    [InlineData("1/node2/rs/za 2/node1/rs/zb", "1", "2")]
    [InlineData("1/node1/rs/za 2/node2/rs", "1 2", "1")]
    [InlineData("1/node1/rs/zb 2/node2/rs/zb", "1 2", "1")]
    [InlineData("1/node1/rs/za 2/node2/", "1", "1")]
    [InlineData("1/node1/rs/zan1 2/node2/rs/zan2", "1", "1")]
    [InlineData("1/node2/rs/zan2 2/node3/rs/zbn3", "1", "")]
    [InlineData("1/node2/st/zb 2/node3/st/za", "1 2", "")]
    // upstream's names: hints, four endpoints in three zones
    [InlineData("3/node9/rs/za 4/node9/rs/zb 5/node9/rs/zc 6/node9/rs/za", "3 6", "")]
    // topology ignored for Local endpoints; conflicting topology and localness
    [InlineData("3/node1/rs/za 4/node1/rs/zb 5/node9/rs/zc 6/node9/rs/za", "3 6", "3 4")]
    [InlineData("0/node1/rs/za 1/node1/rs/zb 2/node9/rs/za 3/node9/rs/zb", "0 2", "0 1")]
    // node in a different zone
    [InlineData("3/node9/rs/zb", "3", "")]
    // unready endpoint; only unready endpoints in the same zone
    [InlineData("3/node9/rs/za 4/node9/rs/zb 5/node9/rs/zc 6/node9//za", "3", "")]
    [InlineData("3/node9//za 4/node9/rs/zb 5/node9/rs/zc 6/node9//za", "4 5", "")]
    // missing hints
    [InlineData("3/node9/rs/za 4/node9/rs/zb 5/node9/rs 6/node9/rs/za", "3 4 5 6", "")]
    // multiple hints per endpoint
    [InlineData("3/node9/rs/zazbzc 4/node9/rs/zbzc 5/node9/rs/zbzd 6/node9/rs/za", "3 6", "")]
    // same node: every ready endpoint must have a node hint, the zone still counts if not
    [InlineData("1/node1/rs/zan1 2/node2/rs/za", "1 2", "1")]
    [InlineData("1/node1/rs/zan1 2/node2/rs/zb", "1", "1")]
    [InlineData("1/node2/rs/zbn2 2/node3/rs/zbn3", "1 2", "")]
    [InlineData("1/node1//zan1 2/node2/rs/zbn2", "2", "")]
    // internal and external policies, all local, some local, all remote
    [InlineData("0/node1/rs 1/node1/rs", "0 1", "0 1")]
    [InlineData("0/node9/rs 1/node9/rs", "0 1", "")]
    // with terminating endpoints, also ones that do not serve
    [InlineData("0/node9/rs 1/node1/ 2/node1/st 3/node9/st", "0", "2")]
    [InlineData("0/node1/st 1/node9/st", "0 1", "0")]
    public void Choose_Endpoints_ClusterAndLocal(string endpoints, string cluster, string local)
    {
        var collected = EndpointCollector.Collect([Make.Slice("web", 8080, [.. endpoints.Split(' ').Select(Parse)])], "", TransportProtocol.Tcp, Context);

        Assert.Equal(cluster, Show(EndpointSelection.Cluster(collected, Context)));
        Assert.Equal(local, Show(EndpointSelection.Local(collected)));
    }

    [Fact]
    public void Choose_NoZoneOnNode_ZoneHintsIgnored()
    {
        var collected = EndpointCollector.Collect([Make.Slice("web", 8080, Parse("1/node1/rs/za"), Parse("2/node2/rs/zb"))], "", TransportProtocol.Tcp, Context);
        Assert.Equal("1 2", Show(EndpointSelection.Cluster(collected, Context with { Zone = null })));
    }

    [Fact]
    public void Collect_SeveralSlices_MergedSortedAndOnlyOurFamilyAndPort()
    {
        var slices = new[]
        {
            Make.Slice("web", 8080, Parse("3/node1/st"), Parse("10/node1/rs")),
            Make.Slice("web", 8080, Parse("3/node1/rs"), new Endpoint { Addresses = ["no address"] }, new Endpoint { Addresses = [] }),
            Make.Slice("web", 8080, Parse("4/node1/rs")) with { AddressType = "IPv6" },
            Make.Slice("web", [new EndpointPort { Name = "other", Port = 1 }], Parse("5/node1/rs")),
            Make.Slice("web", [new EndpointPort { Name = "", Port = null }], Parse("6/node1/rs")),
            Make.Slice("web", [new EndpointPort { Name = null, Port = 8080 }], Parse("7/node1/rs")),
        };
        var collected = EndpointCollector.Collect(slices, "", TransportProtocol.Tcp, Context);

        Assert.Equal("3 10", Show([.. collected.Select(endpoint => endpoint.Address)]));
        Assert.True(collected[0].Ready, "of two claims about one address the one that does not terminate counts");
    }

    [Fact]
    public void Collect_ConditionsAbsent_ReadyAndServing()
    {
        var collected = EndpointCollector.Collect([Make.Slice("web", 8080, new Endpoint { Addresses = ["10.0.0.1"] })], "", TransportProtocol.Tcp, Context);
        Assert.True(collected[0] is { Ready: true, Serving: true, Terminating: false, Address.IsLocal: false });
    }

    private static string Show(List<Portico.Proxy.Services.EndpointAddress> endpoints) => string.Join(' ', endpoints.Select(endpoint => endpoint.Address.GetAddressBytes()[3]));

    private static Endpoint Parse(string text)
    {
        var parts = text.Split('/');
        var hints = parts.Length < 4 ? null : new EndpointHints
        {
            ForZones = [.. Names(parts[3], 'z').Select(zone => new NamedHint { Name = zone })],
            ForNodes = [.. Names(parts[3], 'n').Select(node => new NamedHint { Name = "node" + node })],
        };
        return Make.Endpoint($"10.0.0.{parts[0]}", parts[1], parts[2].Contains('r'), parts[2].Contains('s'), parts[2].Contains('t')) with { Hints = hints };
    }

    private static IEnumerable<string> Names(string text, char kind) =>
        text.Select((letter, index) => (letter, index)).Where(item => item.letter == kind).Select(item => text.Substring(item.index + 1, 1));
}
