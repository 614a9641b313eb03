using System.Net;
using Portico.Testing.Clusters;

namespace Portico.Benchmarks.Measures;

/// <summary>A cluster with what all measurements of traffic need.</summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private BenchCluster(LocalCluster cluster, IPAddress gateway) => (Cluster, Gateway) = (cluster, gateway);

    public LocalCluster Cluster { get; }

    /// <summary>Address of the gateway on the LAN.</summary>
    public IPAddress Gateway { get; }

    public static async Task<BenchCluster> StartAsync(string binary, CancellationToken cancellationToken)
    {
        var cluster = new LocalCluster(new() { Prefix = "bench", Binary = binary, Manifests = ["examples/shop"] });
        try
        {
            (await cluster.UpAsync([], cancellationToken)).OrThrow("portico up examples/shop");
            var gateway = await Eventually.GetAsync(
                "the address of ingress shop/shop", Patience, token => cluster.IngressAsync("shop", "shop", token), static found => found is not null, cancellationToken);
            return new(cluster, gateway!);
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connections are kept and used again, as a browser does.</summary>
    public HttpMessageInvoker KeepAlive(IPAddress address) => new(LanClient.CreateHandler(Cluster.ClientNamespace, address));

    /// <summary>A connection for each request, so that each is balanced anew.</summary>
    public HttpMessageInvoker Fresh(IPAddress address)
    {
        var handler = LanClient.CreateHandler(Cluster.ClientNamespace, address);
        handler.PooledConnectionLifetime = TimeSpan.Zero;
        return new(handler);
    }

    public async Task<IPAddress> LoadBalancerAsync(string name, CancellationToken cancellationToken) =>
        (await Eventually.GetAsync(
            $"the address of service {name}", Patience, token => Cluster.LoadBalancerAsync(BenchManifests.Namespace, name, token), static found => found is not null, cancellationToken))!;

    public Task RolledOutAsync(string @namespace, string deployment, CancellationToken cancellationToken) =>
        Cluster.KubectlAsync($"-n {@namespace} rollout status deployment {deployment} --timeout=60s", cancellationToken);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
