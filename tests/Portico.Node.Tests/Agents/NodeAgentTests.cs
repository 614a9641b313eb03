using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Connections;
using Portico.Client.Requests;
using Portico.Net.Namespaces;
using Portico.Net.Processes;
using Portico.Node.Agents;
using Portico.Node.Networks;
using Portico.Node.Tests.Fakes;
using Portico.Server;

namespace Portico.Node.Tests.Agents;

/// <summary>The whole agent with the embedded API server; the test takes the place of scheduler and controllers.</summary>
[Trait("Category", "Root")]
public sealed class NodeAgentTests : IAsyncLifetime
{
    private static readonly IPAddress NodeAddress = IPAddress.Parse("192.168.77.11");

    private readonly TestCertificates _certificates = new();
    private readonly string _cluster = $"pt-node-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly CancellationTokenSource _end = new(TimeSpan.FromSeconds(60));
    private readonly ECDsa _serviceAccountKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private string _directory = "";
    private NetworkNamespace? _node;
    private ApiServer? _server;
    private KubernetesConnection? _connection;
    private KubernetesClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Privileges.IsRoot, "makes network namespaces: needs root");
        _directory = Directory.CreateTempSubdirectory(_cluster).FullName;
        _node = NetworkNamespace.Create(_cluster);
        await new NodeSpace(_cluster).RunAsync("ip", ["-batch", "-"], "link set lo up\naddr add 192.168.77.11/24 dev lo\n", "prepare", _end.Token);
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var endPoint = (IPEndPoint)listener.LocalEndPoint!;
        _server = await ApiServer.StartAsync(
            new()
            {
                DataDirectory = Path.Combine(_directory, "data"),
                ServerCertificate = _certificates.Issue("CN=server", IPAddress.Loopback),
                Authority = _certificates.Authority,
                ServiceAccountKey = _serviceAccountKey,
                Listeners = [listener],
                AdvertisedEndPoint = endPoint,
                NodeClientCertificate = _certificates.Issue("CN=kube-apiserver"),
                DialNode = async (to, token) =>
                {
                    var socket = _node!.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                    await socket.ConnectAsync(to, token);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            },
            NullLoggerFactory.Instance,
            _end.Token);
        _connection = new(new Credentials
        {
            Server = new Uri($"https://{endPoint}"),
            Authorities = [_certificates.Authority],
            ClientCertificate = _certificates.Issue("O=system:masters, CN=admin"),
        });
        _client = new(_connection);
        (await _client.CreateAsync(KnownKinds.ServiceAccounts, new() { Metadata = new() { Name = "default", Namespace = "default" } }, _end.Token)).OrThrow();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _connection?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_node is not null)
        {
            await NodeCleanup.RunAsync(_cluster, Path.Combine(_directory, "node"), CancellationToken.None);
            _node.Delete();
            Directory.Delete(_directory, recursive: true);
        }

        _serviceAccountKey.Dispose();
        _end.Dispose();
    }

    [Fact]
    public async Task Run_PodIsBound_RunsReportsServesLogsAndGoes()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var agent = StartAgent(stop.Token);
        var node = await UntilAsync(KnownKinds.Nodes, new("", "node1"), found => found is { Status.Conditions: [.., { Type: "Ready", Status: "True" }] });
        Assert.Equal("192.168.77.11", node!.Status.Addresses[0].Address);
        await PatchAsync(KnownKinds.Nodes, new("", "node1"), new JsonObject { ["spec"] = new JsonObject { ["podCIDR"] = "10.244.1.0/24" } }, null);
        Assert.NotNull(await UntilAsync(KnownKinds.Leases, new("kube-node-lease", "node1"), found => found is not null));

        (await _client.CreateAsync(KnownKinds.Pods, NewPod("web"), _end.Token)).OrThrow();
        await BindAsync("web");
        var pod = await UntilAsync(KnownKinds.Pods, new("default", "web"), found => found?.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" }) == true);
        Assert.Equal("Running", pod!.Status.Phase);
        Assert.Equal("10.244.1.2", pod.Status.PodIP);
        Assert.StartsWith("portico://", pod.Status.ContainerStatuses[0].ContainerID, StringComparison.Ordinal);

        Assert.Equal("hello from web\nsecond\n", await LogsAsync("web", "?"));
        Assert.Equal("second\n", await LogsAsync("web", "?tailLines=1"));
        Assert.Matches("^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z hello from web\n", await LogsAsync("web", "?timestamps=true"));

        await _client.DeleteAsync(KnownKinds.Pods.Resource, new("default", "web"), null, 5, _end.Token);
        await UntilAsync(KnownKinds.Pods, new("default", "web"), found => found is null);
        Assert.Empty(NetworkNamespace.List($"portico-{_cluster}-pod-"));
        await stop.CancelAsync();
        await agent;
        await UntilAsync(KnownKinds.Nodes, new("", "node1"), found => found is { Status.Conditions: [.., { Type: "Ready", Status: "False" }] });
    }

    [Fact]
    public async Task Run_AgentIsReplaced_PodGoesOnUnchanged()
    {
        using var first = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var agent = StartAgent(first.Token, stopPods: false);
        await UntilAsync(KnownKinds.Nodes, new("", "node1"), found => found is not null);
        await PatchAsync(KnownKinds.Nodes, new("", "node1"), new JsonObject { ["spec"] = new JsonObject { ["podCIDR"] = "10.244.1.0/24" } }, null);
        (await _client.CreateAsync(KnownKinds.Pods, NewPod("web"), _end.Token)).OrThrow();
        await BindAsync("web");
        var before = await UntilAsync(KnownKinds.Pods, new("default", "web"), found => found?.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" }) == true);
        await first.CancelAsync();
        await agent;

        using var second = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        agent = StartAgent(second.Token);
        (await _client.CreateAsync(KnownKinds.Pods, NewPod("other"), _end.Token)).OrThrow();
        await BindAsync("other");
        var other = await UntilAsync(KnownKinds.Pods, new("default", "other"), found => found?.Status.PodIP is not null);
        Assert.NotEqual(before!.Status.PodIP, other!.Status.PodIP);
        var after = (await _client.GetAsync(KnownKinds.Pods, new("default", "web"), _end.Token)).OrThrow();
        Assert.Equal(before.Metadata.ResourceVersion, after.Metadata.ResourceVersion);
        await second.CancelAsync();
        await agent;
        Assert.Empty(NetworkNamespace.List($"portico-{_cluster}-pod-"));
        await UntilAsync(KnownKinds.Pods, new("default", "web"), found => found?.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "False" }) == true);
    }

    [Fact]
    public async Task Run_NodeWasDeclaredUnknownOrDeleted_ComesBack()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var agent = StartAgent(stop.Token);
        await UntilAsync(KnownKinds.Nodes, new("", "node1"), found => found is not null);
        await PatchAsync(KnownKinds.Nodes, new("", "node1"), new JsonObject { ["spec"] = new JsonObject { ["podCIDR"] = "10.244.1.0/24" } }, null);
        var unknown = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "Unknown" });
        await PatchAsync(KnownKinds.Nodes, new("", "node1"), new JsonObject { ["status"] = new JsonObject { ["conditions"] = unknown } }, "status");
        await UntilAsync(KnownKinds.Nodes, new("", "node1"), found => found!.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" }));
        await _client.DeleteAsync(KnownKinds.Nodes.Resource, new("", "node1"), null, null, _end.Token);
        await UntilAsync(KnownKinds.Nodes, new("", "node1"), found => found is not null);
        await stop.CancelAsync();
        await agent;
    }

    private static Pod NewPod(string name) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        Spec = new()
        {
            Containers =
            [
                new()
                {
                    Name = "main",
                    Image = "host",
                    Command = ["sh", "-c", "echo hello from $(NAME); echo second; exec sleep 1000"],
                    Env = [new() { Name = "NAME", ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.name" } } }],
                },
            ],
        },
    };

    private Task StartAgent(CancellationToken cancellationToken, bool stopPods = true)
    {
        var nodes = new Reflector<Portico.Api.Objects.Node>(_client, KnownKinds.Nodes, ListOptions.All, NullLogger.Instance);
        var agent = new NodeAgent(
            _client,
            nodes.Cache,
            new()
            {
                ClusterName = _cluster,
                NodeName = "node1",
                NodeAddress = NodeAddress,
                StateDirectory = Path.Combine(_directory, "node"),
                ProgramPath = "/bin/false",
                ServingCertificate = _certificates.Issue("CN=node1", NodeAddress),
                Authority = _certificates.Authority,
                ApiServerForPods = new Uri("https://10.96.0.1:443"),
                NodeNamespace = _cluster,
                StopPods = stopPods,
                LeaseRenewal = TimeSpan.FromMilliseconds(300),
            },
            NullLoggerFactory.Instance);
        return Task.WhenAll(nodes.RunAsync(cancellationToken), Quietly(agent.RunAsync(cancellationToken)));
    }

    private static async Task Quietly(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // Cancelled before it had begun to serve.
        }
    }

    private async Task BindAsync(string pod)
    {
        using var content = new StringContent(new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Binding", ["metadata"] = new JsonObject { ["name"] = pod },
            ["target"] = new JsonObject { ["kind"] = "Node", ["name"] = "node1" },
        }.ToJsonString());
        content.Headers.ContentType = new("application/json");
        using var response = await _client.SendRawAsync(HttpMethod.Post, $"/api/v1/namespaces/default/pods/{pod}/binding", content, _end.Token);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<string> LogsAsync(string pod, string query)
    {
        using var response = await _client.SendRawAsync(HttpMethod.Get, $"/api/v1/namespaces/default/pods/{pod}/log{query}", null, _end.Token);
        return await response.Content.ReadAsStringAsync(_end.Token);
    }

    private async Task PatchAsync<T>(ResourceKind<T> kind, ObjectKey key, JsonObject patch, string? subresource)
        where T : class, IObject =>
        (await _client.PatchAsync(kind, key, PatchType.Merge, patch, subresource, _end.Token)).OrThrow();

    private async Task<T?> UntilAsync<T>(ResourceKind<T> kind, ObjectKey key, Func<T?, bool> condition)
        where T : class, IObject
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        patience.CancelAfter(TimeSpan.FromSeconds(15));
        T? found = null;
        try
        {
            while (true)
            {
                found = (await _client.GetAsync(kind, key, patience.Token)).Value;
                if (condition(found))
                {
                    return found;
                }

                await Task.Delay(20, patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            var events = (await _client.ListAsync(KnownKinds.Events, ListOptions.All, _end.Token)).OrThrow().Items.Select(entry => $"{entry.Reason}: {entry.Message}");
            Assert.Fail($"{kind.Resource.Kind} {key} did not become what was expected: {(found is null ? "absent" : System.Text.Json.JsonSerializer.Serialize(found, kind.TypeInfo))}\n{string.Join('\n', events)}");
            throw;
        }
    }
}
