using k8s;
using k8s.Models;

namespace Portico.Server.Tests;

/// <summary>The official .NET client as a judge that did not read our code.</summary>
public sealed class OfficialClientTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private Kubernetes _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _client = new Kubernetes(await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(new FileInfo(_server.Kubeconfig())));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Objects_AreWhatTheClientUnderstands()
    {
        var version = await _client.Version.GetCodeAsync();
        Assert.Equal(("1", "34"), (version.Major, version.Minor));
        var service = await _client.CoreV1.CreateNamespacedServiceAsync(
            new V1Service
            {
                Metadata = new() { Name = "web" },
                Spec = new() { Ports = [new() { Port = 80, TargetPort = "http" }], Selector = new Dictionary<string, string> { ["app"] = "web" } },
            },
            "default");
        Assert.StartsWith("10.96.", service.Spec.ClusterIP, StringComparison.Ordinal);
        service.Metadata.Labels = new Dictionary<string, string> { ["tier"] = "front" };
        var replaced = await _client.CoreV1.ReplaceNamespacedServiceAsync(service, "web", "default");
        Assert.NotEqual(service.Metadata.ResourceVersion, replaced.Metadata.ResourceVersion);
        var conflict = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(() => _client.CoreV1.ReplaceNamespacedServiceAsync(service, "web", "default"));
        Assert.Equal(409, (int)conflict.Response.StatusCode);

        var patched = await _client.CoreV1.PatchNamespacedServiceAsync(
            new V1Patch("""{"spec":{"ports":[{"port":81,"name":"more"},{"port":80,"name":"http"}]}}""", V1Patch.PatchType.StrategicMergePatch), "web", "default");
        Assert.Equal([81, 80], patched.Spec.Ports.Select(port => port.Port));
        var list = await _client.CoreV1.ListNamespacedServiceAsync("default", labelSelector: "tier in (front)");
        Assert.Equal(["web"], list.Items.Select(item => item.Metadata.Name));
        await _client.CoreV1.DeleteNamespacedServiceAsync("web", "default");
    }

    [Fact]
    public async Task Watch_SeesWhatIsWritten()
    {
        var list = await _client.CoreV1.ListNamespacedConfigMapAsync("default");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var watch = _client.CoreV1.WatchListNamespacedConfigMapAsync("default", resourceVersion: list.Metadata.ResourceVersion, cancellationToken: patience.Token);
        await _client.CoreV1.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new() { Name = "a" } }, "default");
        await _client.CoreV1.DeleteNamespacedConfigMapAsync("a", "default");
        var seen = new List<string>();
        await foreach (var (type, item) in watch)
        {
            seen.Add($"{type} {item.Metadata.Name}");
            if (seen.Count == 2)
            {
                break;
            }
        }

        Assert.Equal(["Added a", "Deleted a"], seen);
    }
}
