using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Portico.Api.Objects;
using Portico.Node.Networks;
using Portico.Node.Pods;
using Portico.Node.Probes;
using Portico.Node.Records;
using Portico.Node.Tests.Fakes;

namespace Portico.Node.Tests.Pods;

public sealed class PodWorkerTests : IAsyncDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("pt-node-worker").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly FakeRuntime _runtime = new();
    private readonly FakeReports _reports = new();
    private readonly FakeObjects _objects = new();
    private readonly CancellationTokenSource _end = new();
    private readonly SocketProber _prober;
    private readonly PodServices _services;
    private PodWorker? _worker;

    public PodWorkerTests()
    {
        _prober = new(new(null), _time);
        var store = new RecordStore(_state);
        var authority = new TestCertificates().Authority;
        _services = new()
        {
            Options = new()
            {
                ClusterName = "c",
                NodeName = "node1",
                NodeAddress = System.Net.IPAddress.Loopback,
                StateDirectory = _state,
                ProgramPath = "/bin/portico",
                ServingCertificate = authority,
                Authority = authority,
                ApiServerForPods = new("https://10.96.0.1:443"),
                Time = _time,
            },
            Runtime = _runtime,
            Prober = _prober,
            Objects = _objects,
            Reports = _reports,
            Store = store,
            Addresses = new AddressPool(System.Net.IPNetwork.Parse("10.244.1.0/24")),
            Logger = NullLogger.Instance,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await (_worker?.Completion ?? Task.CompletedTask);
        _prober.Dispose();
        _end.Dispose();
        Directory.Delete(_state, recursive: true);
    }

    [Fact]
    public async Task Run_ContainerKeepsFailing_RestartsAtOnceThenBacksOff()
    {
        Run(RealNode.Pod("p", RealNode.Shell("false")));
        await _reports.UntilAsync("running", reports => reports.Is("Ready"));
        _runtime.End(1);
        await _reports.UntilAsync("restarted at once", reports => reports.Container("main") is { RestartCount: 1, Ready: true });
        _runtime.End(1);
        await _reports.UntilAsync("backing off", reports => reports.Container("main").State?.Waiting?.Reason == "CrashLoopBackOff");
        Assert.Equal("Running", _reports.Last.Phase);
        Assert.Equal(1, _reports.Container("main").LastState?.Terminated?.ExitCode);
        Assert.Equal(2, _runtime.Started.Count);
        await AdvanceUntilAsync(TimeSpan.FromSeconds(10), reports => reports.Container("main") is { RestartCount: 2, Ready: true });
        Assert.Contains(_reports.Events, text => text.StartsWith("Warning BackOff", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_NeverRestarted_ReportsSuccessAndFreesTheAddress()
    {
        var pod = RealNode.Pod("p", RealNode.Shell("true"));
        Run(pod with { Spec = pod.Spec with { RestartPolicy = "Never" } });
        await _reports.UntilAsync("running", reports => reports.Is("Ready"));
        _runtime.End(0);
        await _reports.UntilAsync("succeeded", reports => reports.Last.Phase == "Succeeded");
        Assert.Equal("Completed", _reports.Container("main").State?.Terminated?.Reason);
        Assert.Single(_runtime.Started);
    }

    [Fact]
    public async Task Run_InitContainers_RunInOrderBeforeTheOthers()
    {
        var pod = RealNode.Pod("p", RealNode.Shell("main"));
        Run(pod with { Spec = pod.Spec with { InitContainers = [RealNode.Shell("first") with { Name = "i1" }, RealNode.Shell("second") with { Name = "i2" }] } });
        await _reports.UntilAsync("first runs", reports => reports.Container("i1").State?.Running is not null);
        Assert.Equal("PodInitializing", _reports.Container("main").State?.Waiting?.Reason);
        _runtime.End(0);
        await _reports.UntilAsync("second runs", reports => reports.Container("i2").State?.Running is not null);
        Assert.False(_reports.Is("Initialized"));
        _runtime.End(0);
        await _reports.UntilAsync("ready", reports => reports.Is("Ready"));
        Assert.Equal(["first", "second", "main"], _runtime.Started.Select(start => start.CommandLine[2]));
    }

    [Fact]
    public async Task Run_UnknownImage_WaitsWithAReasonThatHelps()
    {
        Run(RealNode.Pod("p", new() { Image = "nginx:1.27" }));
        await _reports.UntilAsync("refused", reports => reports.Container("main").State?.Waiting?.Reason == "ErrImagePull");
        Assert.Contains("portico.dev/echo:1", _reports.Container("main").State?.Waiting?.Message, StringComparison.Ordinal);
        await AdvanceUntilAsync(TimeSpan.FromSeconds(10), reports => reports.Container("main").State?.Waiting?.Reason == "ImagePullBackOff");
        Assert.Equal("Pending", _reports.Last.Phase);
    }

    [Fact]
    public async Task Run_ConfigMapAppearsLater_StartsThen()
    {
        var container = RealNode.Shell("x") with { EnvFrom = [new() { ConfigMapRef = new() { Name = "settings" } }] };
        Run(RealNode.Pod("p", container));
        await _reports.UntilAsync("refused", reports => reports.Container("main").State?.Waiting is { Reason: "CreateContainerConfigError", Message: "configmap \"settings\" not found" });
        _objects.ConfigMaps["settings"] = new() { Data = new Dictionary<string, string> { ["A"] = "1" } };
        await AdvanceUntilAsync(TimeSpan.FromSeconds(2), reports => reports.Is("Ready"));
        Assert.Equal("1", _runtime.Started.Single().Environment["A"]);
    }

    [Fact]
    public async Task Run_NodeLostItsState_RestartsWhatTheStatusRemembers()
    {
        var pod = RealNode.Pod("p", RealNode.Shell("x"));
        Run(pod with
        {
            Status = new() { Phase = "Running", ContainerStatuses = [new() { Name = "main", ContainerID = "portico://old", RestartCount = 3, State = new() { Running = new() } }] },
        });
        await _reports.UntilAsync("ready", reports => reports.Is("Ready"));
        Assert.Equal(4, _reports.Container("main").RestartCount);
        Assert.Equal("ContainerStatusUnknown", _reports.Container("main").LastState?.Terminated?.Reason);
    }

    private void Run(Pod pod)
    {
        _worker = new(_services, pod, null);
        _worker.Start(_end.Token);
    }

    // The worker may set its timer a moment after it reported: the clock goes on until it has seen it.
    private async Task AdvanceUntilAsync(TimeSpan step, Func<FakeReports, bool> condition)
    {
        var met = _reports.UntilAsync("what should come with time", condition);
        while (!met.IsCompleted)
        {
            _time.Advance(step);
            await Task.WhenAny(met, Task.Delay(20));
        }

        await met;
    }
}
