using System.Net;
using Portico.Proxy.Iptables;
using Portico.Proxy.Services;

namespace Portico.Proxy.Tests.Iptables;

public sealed class ChainNamesTests
{
    private static readonly ServicePortId Port = new(new("ns1", "svc1"), "p80", TransportProtocol.Tcp);

    [Fact]
    public void Names_OfAServicePort_AreThoseOfKubeProxy()
    {
        // As kube-proxy's own tests have them (pkg/proxy/iptables/proxier_test.go).
        Assert.Equal("KUBE-SVC-XPGD46QRK7WJZT7O", ChainNames.Cluster(Port));
        Assert.Equal("KUBE-SVL-XPGD46QRK7WJZT7O", ChainNames.Local(Port));
        Assert.Equal("KUBE-EXT-XPGD46QRK7WJZT7O", ChainNames.External(Port));
        Assert.Equal("KUBE-FW-XPGD46QRK7WJZT7O", ChainNames.Sources(Port));
        Assert.Equal("KUBE-SEP-SXIVWICOYRO3J4NJ", ChainNames.Endpoint(Port, new(IPAddress.Parse("10.180.0.1"), 80, false)));
    }

    [Theory]
    [InlineData("KUBE-SVC-XPGD46QRK7WJZT7O", true)]
    [InlineData("KUBE-FW-XPGD46QRK7WJZT7O", true)]
    [InlineData("KUBE-FIREWALL", false)]
    [InlineData("KUBE-KUBELET-CANARY", false)]
    [InlineData("KUBE-SERVICES", false)]
    [InlineData("DOCKER", false)]
    public void IsOfServicePort_Name_TellsWhatMayBeRemoved(string chain, bool own) => Assert.Equal(own, ChainNames.IsOfServicePort(chain));
}
