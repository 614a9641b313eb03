using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Proxy.Nodes;

namespace Portico.Proxy.Tests.Nodes;

public sealed class ServiceNetworksTests
{
    private readonly ObjectCache<ServiceCidr> _cidrs = new();

    [Fact]
    public async Task Synced_SeveralCidrs_AllNetworksOnceInOrder()
    {
        var networks = new ServiceNetworks(_cidrs);
        _cidrs.Replace([Cidr("b", "10.97.0.0/16"), Cidr("a", "10.96.0.0/16", "fd00:96::/112"), Cidr("c", "10.97.0.0/16", "nonsense")]);

        Assert.Equal(["10.96.0.0/16", "10.97.0.0/16", "fd00:96::/112"], await networks.SyncedAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Changed_OnlyByOtherNetworks_SaysWhich()
    {
        var networks = new ServiceNetworks(_cidrs);
        _cidrs.Replace([Cidr("a", "10.96.0.0/16")]);
        var changed = networks.ChangedAsync(await networks.SyncedAsync(CancellationToken.None), CancellationToken.None);

        _cidrs.Set(Cidr("b", "10.96.0.0/16"));
        Assert.False(changed.IsCompleted);
        _cidrs.Set(Cidr("b", "10.97.0.0/16"));

        Assert.Equal("the cluster's ServiceCIDRs changed from 10.96.0.0/16 to 10.96.0.0/16,10.97.0.0/16", await changed.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    private static ServiceCidr Cidr(string name, params string[] networks) =>
        new() { Metadata = new() { Name = name, ResourceVersion = Guid.NewGuid().ToString() }, Spec = new() { Cidrs = networks } };
}
