using System.Diagnostics;
using Portico.Api.Objects;
using Portico.Api.Values;
using Portico.Net.Namespaces;
using Portico.Node.Agents;
using Portico.Node.Tests.Fakes;

namespace Portico.Node.Tests.Pods;

[Trait("Category", "Root")]
public sealed class RealPodTests
{
    [Fact]
    public async Task Start_HostImage_RunsInItsOwnNetworkWithItsFiles()
    {
        await using var node = await RealNode.StartAsync();
        var pod = RealNode.Pod("web-1", RealNode.Shell("hostname; cat /etc/resolv.conf; cat /var/run/secrets/kubernetes.io/serviceaccount/token; echo; ip -4 -o addr show eth0; echo pid $$$$; ls /run; sleep 100"));
        var mounts = Mounts(node);
        var watch = Stopwatch.StartNew();
        var worker = node.Run(pod);
        await node.Reports.UntilAsync("Ready", reports => reports.Is("Ready"));
        TestContext.Current.SendDiagnosticMessage("ready after {0} ms", watch.ElapsedMilliseconds);
        await Until(() => node.Log(worker).Contains("secrets\n", StringComparison.Ordinal), () => node.Log(worker));
        var log = node.Log(worker);
        Assert.StartsWith("web-1\nsearch default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\ntoken of web-1\n", log, StringComparison.Ordinal);
        Assert.Contains("inet 10.244.1.2/32", log, StringComparison.Ordinal);
        Assert.True(log.Contains("\npid 3\n", StringComparison.Ordinal), log);
        Assert.Equal("Running", node.Reports.Last.Phase);
        Assert.Equal("10.244.1.2", node.Reports.Last.PodIP);

        worker.Update(pod with { Metadata = pod.Metadata with { DeletionTimestamp = DateTimeOffset.UtcNow, DeletionGracePeriodSeconds = 5 } });
        await node.Reports.UntilAsync("gone", reports => reports.IsGone);
        Assert.False(node.Reports.Is("Ready"));
        Assert.Equal(143, node.Reports.Container("main").State?.Terminated?.ExitCode);
        Assert.Empty(NetworkNamespace.List($"portico-{node.Cluster}-pod-"));
        Assert.Equal(mounts, Mounts(node));
        worker.Remove();
        await worker.Completion;
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.State, "pods")));
    }

    [Fact]
    public async Task Probe_HttpServerStartsLate_BecomesReadyQuickly()
    {
        await using var node = await RealNode.StartAsync();
        var container = new Container
        {
            Image = "host",
            Command = ["python3", "-c", "import time,http.server as h; time.sleep(0.5); h.HTTPServer(('',8080),h.SimpleHTTPRequestHandler).serve_forever()"],
            Ports = [new() { Name = "http", Port = 8080 }],
            ReadinessProbe = new() { HttpGet = new() { Path = "/etc/hosts", Port = new IntOrString("http") } },
        };
        var worker = node.Run(RealNode.Pod("web", container));
        await node.Reports.UntilAsync("running", reports => reports.Last.Phase == "Running");
        Assert.False(node.Reports.Is("Ready"));
        await node.Reports.UntilAsync("Ready", reports => reports.Is("Ready"));
        Assert.True(node.Reports.Container("main").Started);
    }

    [Fact]
    public async Task Liveness_CommandFails_RestartsTheContainer()
    {
        await using var node = await RealNode.StartAsync();
        var container = RealNode.Shell("echo run; sleep 100") with
        {
            LivenessProbe = new() { Exec = new() { Command = ["test", "-e", "/run/alive"] }, PeriodSeconds = 1, FailureThreshold = 1 },
        };
        var pod = RealNode.Pod("ill", container);
        node.Run(pod with { Spec = pod.Spec with { TerminationGracePeriodSeconds = 1 } });
        await node.Reports.UntilAsync("restarted", reports => reports.Container("main").RestartCount == 1);
        Assert.Equal(143, node.Reports.Container("main").LastState?.Terminated?.ExitCode);
        Assert.Contains(node.Reports.Events, text => text.StartsWith("Warning Unhealthy: Liveness probe failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Volumes_NewMountPoints_LeaveNoTraceOnTheMachine()
    {
        await using var node = await RealNode.StartAsync();
        node.Objects.ConfigMaps["settings"] = new() { Data = new Dictionary<string, string> { ["a.txt"] = "hello" } };
        node.Objects.Secrets["keys"] = new() { Data = new Dictionary<string, string> { ["k"] = "c2VjcmV0" } };
        var container = RealNode.Shell("cat /pt-new/config/a.txt; echo; cat /etc/pt-keys/k; echo; echo x > /pt-scratch/x; cat /pt-scratch/x; ls /etc/passwd /usr/bin/env; sleep 100") with
        {
            VolumeMounts = [new() { Name = "c", MountPath = "/pt-new/config" }, new() { Name = "s", MountPath = "/etc/pt-keys" }, new() { Name = "e", MountPath = "/pt-scratch" }],
            ReadinessProbe = new() { Exec = new() { Command = ["cat", "/pt-scratch/x"] } },
        };
        var pod = RealNode.Pod("files", container);
        var worker = node.Run(pod with
        {
            Spec = pod.Spec with
            {
                Volumes =
                [
                    new() { Name = "c", ConfigMap = new() { Name = "settings" } }, new() { Name = "s", Secret = new() { SecretName = "keys" } },
                    new() { Name = "e", EmptyDir = new() },
                ],
            },
        });
        await node.Reports.UntilAsync("Ready", reports => reports.Is("Ready"));
        await Until(() => node.Log(worker).Contains("env", StringComparison.Ordinal), () => node.Log(worker));
        Assert.Equal("hello\nsecret\nx\n/etc/passwd\n/usr/bin/env\n", node.Log(worker));
        Assert.False(Path.Exists("/pt-new") || Path.Exists("/etc/pt-keys") || Path.Exists("/pt-scratch"));
    }

    [Fact]
    public async Task Adopt_AgentWasKilled_PodGoesOnAndItsEndIsKnown()
    {
        await using var node = await RealNode.StartAsync();
        var pod = RealNode.Pod("stays", RealNode.Shell("trap 'exit 7' TERM; echo started; while :; do sleep 0.05; done"));
        pod = pod with { Spec = pod.Spec with { RestartPolicy = "Never" } };
        using var killed = new CancellationTokenSource();
        var first = node.Run(pod, null, killed.Token);
        await node.Reports.UntilAsync("Ready", reports => reports.Is("Ready"));
        var status = node.Reports.Last;
        await killed.CancelAsync();
        await first.Completion;

        node.Restart();
        pod = pod with { Status = status };
        var second = node.Run(pod, node.Services.Store.Load().Single().Record);
        await node.Reports.UntilAsync("a report", reports => reports.Last.Phase == "Running");
        Assert.True(node.Reports.Is("Ready"));
        Assert.Equal(status.ContainerStatuses[0].ContainerID, node.Reports.Container("main").ContainerID);
        second.Update(pod with { Metadata = pod.Metadata with { DeletionTimestamp = DateTimeOffset.UtcNow, DeletionGracePeriodSeconds = 10 } });
        await node.Reports.UntilAsync("gone", reports => reports.IsGone);
        Assert.Equal(7, node.Reports.Container("main").State?.Terminated?.ExitCode);
        Assert.Equal("Failed", node.Reports.Last.Phase);
    }

    [Fact]
    public async Task Stop_ProgramIgnoresTerm_IsKilledWithItsWholeTree()
    {
        await using var node = await RealNode.StartAsync();
        var marker = $"7{Random.Shared.Next(100000, 999999)}";
        var pod = RealNode.Pod("stubborn", RealNode.Shell($"trap '' TERM; setsid sleep {marker} & echo up; while :; do sleep 1; done"));
        var worker = node.Run(pod);
        await node.Reports.UntilAsync("Ready", reports => reports.Is("Ready"));
        await Until(() => Runs(marker), () => "the child never ran");
        worker.Update(pod with { Metadata = pod.Metadata with { DeletionTimestamp = DateTimeOffset.UtcNow, DeletionGracePeriodSeconds = 1 } });
        await node.Reports.UntilAsync("gone", reports => reports.IsGone);
        Assert.Equal(137, node.Reports.Container("main").State?.Terminated?.ExitCode);
        Assert.False(Runs(marker));
    }

    [Fact]
    public async Task Cleanup_AgentAndRecordsLost_NothingIsLeft()
    {
        await using var node = await RealNode.StartAsync();
        var marker = $"8{Random.Shared.Next(100000, 999999)}";
        using var killed = new CancellationTokenSource();
        var worker = node.Run(RealNode.Pod("left", RealNode.Shell($"sleep {marker}")), null, killed.Token);
        await node.Reports.UntilAsync("Ready", reports => reports.Is("Ready"));
        await killed.CancelAsync();
        await worker.Completion;
        await NodeCleanup.RunAsync(node.Cluster, node.State, CancellationToken.None);
        await NodeCleanup.RunAsync(node.Cluster, node.State, CancellationToken.None);
        Assert.Empty(NetworkNamespace.List($"portico-{node.Cluster}-pod-"));
        Assert.False(Directory.Exists(node.State));
        await Until(() => !Runs(marker), () => "the container still runs");
    }

    // Other tests on the machine mount as well.
    private static string[] Mounts(RealNode node) => [.. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(node.Cluster, StringComparison.Ordinal))];

    private static bool Runs(string marker) => Directory.EnumerateDirectories("/proc").Any(directory =>
    {
        try
        {
            return File.ReadAllText($"{directory}/cmdline").Contains($"sleep\0{marker}", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    private static async Task Until(Func<bool> condition, Func<string> state)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), state());
            await Task.Delay(10);
        }
    }
}
