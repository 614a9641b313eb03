using System.Net;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Clusters;

/// <summary>One cluster with examples/shop and <c>Clusters/extras.yaml</c>, for all tests that leave it as they found it.</summary>
public sealed class ShopCluster : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private LocalCluster? _cluster;
    private IPAddress? _gateway;

    /// <summary>Skips the test that asks when we are not root.</summary>
    public LocalCluster Cluster
    {
        get
        {
            Needs.Root();
            return _cluster!;
        }
    }

    /// <summary>Address of the gateway on the LAN.</summary>
    public IPAddress Gateway
    {
        get
        {
            Needs.Root();
            return _gateway!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (!Privileges.IsRoot)
        {
            return;
        }

        _cluster = new LocalCluster(new() { Manifests = ["examples/shop"] });
        await UpOrExplain.UpAsync(_cluster, CancellationToken.None);
        // Not by up: it would rightly say that service e2e/nobody can't be reached.
        await _cluster.KubectlAsync($"apply -f {Repository.PathOf("tests/Portico.EndToEnd/Clusters/extras.yaml")}", CancellationToken.None);
        await _cluster.KubectlAsync("-n e2e rollout status deployment sock --timeout=60s", CancellationToken.None);
        await _cluster.KubectlAsync("-n e2e rollout status deployment alone --timeout=60s", CancellationToken.None);
        _gateway = await Eventually.GetAsync(
            "the address of ingress shop/shop", Patience, token => _cluster.IngressAsync("shop", "shop", token), static found => found is not null, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
