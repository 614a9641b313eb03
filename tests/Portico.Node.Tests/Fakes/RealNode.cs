using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Objects;
using Portico.Net.Namespaces;
using Portico.Net.Processes;
using Portico.Node.Agents;
using Portico.Node.Containers;
using Portico.Node.Networks;
using Portico.Node.Pods;
using Portico.Node.Probes;
using Portico.Node.Records;

namespace Portico.Node.Tests.Fakes;

/// <summary>A network namespace as a node, with real pods in it and no API server.</summary>
internal sealed class RealNode : IAsyncDisposable
{
    private readonly ProcessExits _exits = new();
    private readonly SocketProber _prober;
    private readonly NetworkNamespace _network;
    private readonly List<PodWorker> _workers = [];

    public RealNode()
    {
        Cluster = $"pt-node-{Guid.NewGuid().ToString("N")[..8]}";
        _network = NetworkNamespace.Create(Cluster);
        State = Path.Combine(Path.GetTempPath(), Cluster);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(1));
        var options = new NodeAgentOptions
        {
            ClusterName = Cluster,
            NodeName = "node1",
            NodeAddress = IPAddress.Parse("192.168.77.11"),
            StateDirectory = State,
            ProgramPath = "/bin/false",
            ServingCertificate = authority,
            Authority = authority,
            ApiServerForPods = new Uri("https://10.96.0.1:443"),
            NodeNamespace = Cluster,
        };
        var space = new NodeSpace(Cluster);
        _prober = new(space, TimeProvider.System);
        var store = new RecordStore(State);
        store.Prepare();
        Services = new()
        {
            Options = options,
            Runtime = new LinuxPodRuntime(new PodNetwork(space, Cluster, options.NodeAddress), store, _exits, TimeProvider.System),
            Prober = _prober,
            Objects = Objects,
            Reports = Reports,
            Store = store,
            Addresses = new(IPNetwork.Parse("10.244.1.0/24")),
            Logger = NullLogger.Instance,
        };
    }

    public string Cluster { get; }

    public string State { get; }

    public FakeReports Reports { get; private set; } = new();

    public FakeObjects Objects { get; } = new();

    public PodServices Services { get; private set; }

    public static async Task<RealNode> StartAsync()
    {
        Assert.SkipUnless(Privileges.IsRoot, "makes network namespaces: needs root");
        var node = new RealNode();
        await new NodeSpace(node.Cluster).RunAsync(
            "ip", ["-batch", "-"], "link set lo up\naddr add 192.168.77.11/32 dev lo\n", "prepare", CancellationToken.None);
        return node;
    }

    public static Pod Pod(string name, Container container) => new()
    {
        Metadata = new() { Name = name, Namespace = "default", Uid = Guid.NewGuid().ToString(), Labels = new Dictionary<string, string> { ["app"] = name } },
        Spec = new() { NodeName = "node1", Containers = [container with { Name = container.Name.Length == 0 ? "main" : container.Name }] },
    };

    public static Container Shell(string script) => new() { Name = "main", Image = "host", Command = ["sh", "-c", script] };

    public PodWorker Run(Pod pod, PodRecord? adopted = null, CancellationToken cancellationToken = default)
    {
        var worker = new PodWorker(Services, pod, adopted);
        _workers.Add(worker);
        worker.Start(cancellationToken);
        return worker;
    }

    /// <summary>Fresh reports, as an agent that was started again has them.</summary>
    public void Restart() => Services = Services with { Reports = Reports = new() };

    public string Log(PodWorker worker, string container = "main", int restart = 0) =>
        File.ReadAllText(new ContainerFiles(Services.Store.DirectoryOf(worker.Record!.Id, container)).Log(restart));

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            worker.Shutdown(TimeSpan.Zero);
        }

        await Task.WhenAny(Task.WhenAll(_workers.Select(worker => worker.Completion)), Task.Delay(TimeSpan.FromSeconds(5)));
        await NodeCleanup.RunAsync(Cluster, State, CancellationToken.None);
        await NodeCleanup.RunAsync(Cluster, CancellationToken.None);
        _network.Delete();
        _prober.Dispose();
        _exits.Dispose();
    }
}
