using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Connections;
using Portico.Client.Queues;
using Portico.Client.Requests;
using Portico.Server;

namespace Portico.Controllers.Tests.Running;

/// <summary>Our own API server on 127.0.0.1, the controllers as they run in the control plane, and agents that only pretend to run pods.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private const string Token = "admin";

    private readonly string _directory = Directory.CreateTempSubdirectory("pt-controllers-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly WorkQueue<ObjectKey> _agents = new("agents", NullLogger.Instance, TimeProvider.System);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private KubernetesConnection _connection = null!;
    private ApiServer _server = null!;
    private int _addresses;

    public KubernetesClient Client { get; private set; } = null!;

    public ObjectCache<Pod> Pods { get; private set; } = null!;

    public ObjectCache<Deployment> Deployments { get; private set; } = null!;

    public ObjectCache<ReplicaSet> ReplicaSets { get; private set; } = null!;

    public ObjectCache<EndpointSlice> Slices { get; private set; } = null!;

    public ObjectCache<Namespace> Namespaces { get; private set; } = null!;

    public ObjectCache<Node> Nodes { get; private set; } = null!;

    public CancellationToken Stopping => _stop.Token;

    public static async Task<RealServer> StartAsync(ControllerOptions? options = null, ILoggerFactory? loggers = null)
    {
        var real = new RealServer();
        await real.StartServerAsync(loggers ?? NullLoggerFactory.Instance);
        real.Pods = real.Reflect(KnownKinds.Pods);
        real.Deployments = real.Reflect(KnownKinds.Deployments);
        real.ReplicaSets = real.Reflect(KnownKinds.ReplicaSets);
        real.Slices = real.Reflect(KnownKinds.EndpointSlices);
        real.Namespaces = real.Reflect(KnownKinds.Namespaces);
        real.Nodes = real.Reflect(KnownKinds.Nodes);
        real.Pods.Changed += change => real._agents.Add(change.Key);
        real._running.Add(real._agents.RunAsync(1, real.AgeAsync, real._stop.Token));
        real._running.Add(ControllerManager.RunAsync(
            real.Client, options ?? new() { CertificateAuthorityPem = "PEM" }, loggers ?? NullLoggerFactory.Instance, TimeProvider.System, real._stop.Token));
        return real;
    }

    public async Task AddNodeAsync(string name)
    {
        (await Client.CreateAsync(KnownKinds.Nodes, new Node { Metadata = new() { Name = name } }, _stop.Token)).OrThrow();
        await RenewAsync(name);
        var status = JsonNode.Parse("""
            {"status":{"conditions":[{"type":"Ready","status":"True","reason":"AgentReady"}],"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"}}}
            """)!;
        (await Client.PatchAsync(KnownKinds.Nodes, new("", name), PatchType.StrategicMerge, status, "status", _stop.Token)).OrThrow();
    }

    public async Task RenewAsync(string name)
    {
        var spec = new JsonObject { ["holderIdentity"] = name, ["renewTime"] = MicroTimeConverter.Format(TimeProvider.System.GetUtcNow()) };
        var key = new ObjectKey("kube-node-lease", name);
        var renewed = await Client.PatchAsync(KnownKinds.Leases, key, PatchType.Merge, new JsonObject { ["spec"] = spec }, null, _stop.Token);
        if (renewed.IsNotFound)
        {
            var lease = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec.DeepClone() };
            (await Client.CreateAsync(KnownKinds.Leases, key.Namespace, lease, _stop.Token)).OrThrow();
        }
    }

    public Task SetReadyAsync(Pod pod, bool ready)
    {
        var condition = new JsonObject
        {
            ["type"] = "Ready", ["status"] = ready ? "True" : "False", ["lastTransitionTime"] = TimeConverter.Format(TimeProvider.System.GetUtcNow()),
        };
        return Client.PatchAsync(
            KnownKinds.Pods, ObjectKey.Of(pod), PatchType.StrategicMerge, new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } }, "status", _stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _connection.Dispose();
        await _server.DisposeAsync();
        _key.Dispose();
        _stop.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task StartServerAsync(ILoggerFactory loggers)
    {
        var request = new CertificateRequest("CN=localhost", _key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(2));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = (IPEndPoint)socket.LocalEndPoint!;
        _server = await ApiServer.StartAsync(
            new()
            {
                DataDirectory = _directory,
                ServerCertificate = certificate,
                Authority = certificate,
                ServiceAccountKey = _key,
                Listeners = [socket],
                AdvertisedEndPoint = new(IPAddress.Parse("192.168.77.1"), 6443),
                Tokens = new Dictionary<string, Server.Authentication.UserInfo> { [Token] = new("admin", ["system:masters"]) },
            },
            loggers,
            CancellationToken.None);
        _connection = new(new() { Server = new($"https://127.0.0.1:{address.Port}"), Authorities = [certificate], Token = () => Token });
        Client = new(_connection);
    }

    private ObjectCache<T> Reflect<T>(ResourceKind<T> kind)
        where T : class, IObject
    {
        var reflector = new Reflector<T>(Client, kind, ListOptions.All, NullLogger.Instance);
        _running.Add(reflector.RunAsync(_stop.Token));
        return reflector.Cache;
    }

    private async Task AgeAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (Pods.Get(key) is not { Spec.NodeName.Length: > 0 } pod)
        {
            return;
        }

        if (pod.Metadata.DeletionTimestamp is not null)
        {
            await Client.DeleteAsync(KnownKinds.Pods.Resource, key, pod.Metadata.Uid, 0, cancellationToken);
        }
        else if (pod.Status.PodIP is null)
        {
            var address = $"10.244.1.{++_addresses}";
            var status = new JsonObject
            {
                ["status"] = new JsonObject
                {
                    ["phase"] = "Running",
                    ["podIP"] = address,
                    ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address }),
                    ["conditions"] = new JsonArray(new JsonObject
                    {
                        ["type"] = "Ready", ["status"] = "True", ["lastTransitionTime"] = TimeConverter.Format(TimeProvider.System.GetUtcNow()),
                    }),
                },
            };
            await Client.PatchAsync(KnownKinds.Pods, key, PatchType.StrategicMerge, status, "status", cancellationToken);
        }
    }
}
