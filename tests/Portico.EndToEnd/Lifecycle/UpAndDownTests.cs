using System.Diagnostics;
using Portico.EndToEnd.Clusters;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Lifecycle;

public sealed class UpAndDownTests : LifecycleTest
{
    [Fact]
    public async Task UpAndDown_TheMachineStaysAsItWas()
    {
        var before = await MachineState.OfNetworkAsync(Stop);
        var cluster = await UpAsync(new() { Manifests = ["examples/shop"] });
        var during = await MachineState.OfNetworkAsync(Stop);
        (await cluster.VerbAsync(["down"], Stop)).OrThrow("portico down");

        Assert.Equal(before, during);
        Assert.Equal(before, await MachineState.OfNetworkAsync(Stop));
        await NothingIsLeftAsync(cluster);
    }

    [Fact]
    public async Task Down_KeepsTheDataAndPurge_DoesNot()
    {
        var cluster = await UpAsync();
        await cluster.KubectlAsync("create configmap kept --from-literal=a=b", Stop);

        (await cluster.VerbAsync(["down"], Stop)).OrThrow("portico down");
        (await cluster.UpAgainAsync(Stop)).OrThrow("portico up");
        Assert.Equal("b", await cluster.KubectlAsync("get configmap kept -o jsonpath={.data.a}", Stop));

        (await cluster.VerbAsync(["down", "--purge"], Stop)).OrThrow("portico down --purge");
        Assert.False(Directory.Exists(cluster.Root), $"{cluster.Root} is still there");
        await NothingIsLeftAsync(cluster);
    }

    [Fact]
    public async Task SupervisorKilled_UpAgain_EverythingIsBack()
    {
        var cluster = await UpAsync(new() { Manifests = ["examples/shop"] });
        var address = await cluster.LoadBalancerAsync("shop", "web-public", Stop);
        await cluster.KubectlAsync("-n shop create configmap kept --from-literal=a=b", Stop);

        await SignalAsync("-KILL", Supervisor(cluster));
        (await cluster.UpAgainAsync(Stop)).OrThrow("portico up");

        Assert.Equal("b", await cluster.KubectlAsync("-n shop get configmap kept -o jsonpath={.data.a}", Stop));
        Assert.Equal(address, await cluster.LoadBalancerAsync("shop", "web-public", Stop));
        await cluster.KubectlAsync("-n shop wait --for=condition=Available deployment --all --timeout=60s", Stop);
        await Eventually.GetAsync(
            $"an answer from {address}", TimeSpan.FromSeconds(30), async _ => (await Curl.GetAsync(cluster, $"http://{address}/")).Status, static status => status == 200, Stop);
        (await cluster.VerbAsync(["down"], Stop)).OrThrow("portico down");
        await NothingIsLeftAsync(cluster);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(700)]
    [InlineData(1500)]
    [InlineData(2500)]
    [InlineData(15000)]
    public async Task CtrlC_AtAnyMoment_LeavesNothing(int afterMilliseconds)
    {
        var cluster = New();
        using var up = Process.Start(new ProcessStartInfo(
            // A test run in the background may have been started with SIGINT ignored, and children inherit that.
            "env", ["--default-signal=INT", $"PORTICO_HOME={cluster.Home}", cluster.Binary, "up", Repository.PathOf("examples/shop"), "--name", cluster.Name, "--http-port", "0", "--https-port", "0", "--api-port", "0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = Task.WhenAll(up.StandardOutput.ReadToEndAsync(Stop), up.StandardError.ReadToEndAsync(Stop));
        await Task.Delay(afterMilliseconds, Stop);
        Assert.False(up.HasExited, "up ended by itself");

        await SignalAsync("-INT", up.Id);

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await up.WaitForExitAsync(limit.Token);
        await NothingIsLeftAsync(cluster);
        Assert.DoesNotContain("   at ", string.Concat(await output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoClusters_RunSideBySide()
    {
        var one = await UpAsync(new() { Manifests = ["examples/shop"] });
        var two = await UpAsync(new() { Manifests = ["examples/shop"] });
        await two.KubectlAsync("-n shop scale deployment web --replicas=1", Stop);
        await two.KubectlAsync("-n shop rollout status deployment web --timeout=30s", Stop);

        foreach (var (cluster, replicas) in ((LocalCluster, string)[])[(one, "3"), (two, "1")])
        {
            var address = await cluster.LoadBalancerAsync("shop", "web-public", Stop);
            Assert.Equal(200, (await Curl.GetAsync(cluster, $"http://{address}/")).Status);
            Assert.Equal(replicas, await cluster.KubectlAsync("-n shop get deployment web -o jsonpath={.spec.replicas}", Stop));
        }

        (await one.VerbAsync(["down"], Stop)).OrThrow("portico down");
        await NothingIsLeftAsync(one);
        Assert.Equal(200, (await Curl.GetAsync(two, $"http://{await two.LoadBalancerAsync("shop", "web-public", Stop)}/")).Status);
    }

    [Theory]
    [InlineData("userspace", 6)] // round robin
    [InlineData("iptables", 24)] // at random: all of one of three pods once in 3^23
    public async Task OtherProxyMode_ServesEveryLevel(string mode, int requests)
    {
        var cluster = await UpAsync(new() { Manifests = ["examples/shop"], ProxyMode = mode });
        var address = await cluster.LoadBalancerAsync("shop", "web-public", Stop);

        Assert.Equal(3, (await Curl.PodsAsync(cluster, requests, $"http://{address}/")).Count);
        Assert.Equal(2, (await Curl.PodsAsync(cluster, requests, $"http://{LocalCluster.NodeAddress(1)}:30080/")).Count);
        var fromPod = await HostPod.RunAsync(cluster, "shop", "node2", "curl -sS --max-time 5 -o /dev/null -w '%{http_code}' http://web/", Stop);
        Assert.Equal("200", fromPod.Trim());
        var ingress = await cluster.IngressAsync("shop", "shop", Stop);
        Assert.Equal(200, (await Curl.GetAsync(cluster, "http://shop.example/", "--connect-to", $"::{ingress}:")).Status);
    }

    [Fact]
    public async Task OneNode_IsEnough()
    {
        var cluster = await UpAsync(new() { Manifests = ["examples/shop"], Nodes = 1 });

        var ingress = await cluster.IngressAsync("shop", "shop", Stop);

        Assert.Equal(200, (await Curl.GetAsync(cluster, "http://shop.example/", "--connect-to", $"::{ingress}:")).Status);
    }

    [Fact]
    public async Task Status_SaysWhatRunsAndHowToReachIt()
    {
        var cluster = await UpAsync(new() { Manifests = ["examples/shop"] });

        var status = (await cluster.VerbAsync(["status"], Stop)).OrThrow("portico status").Output;

        foreach (var expected in (string[])["node1", "node2", "shop", "web", "30080", "shop.example", "curl -k --resolve shop.example:", "https://127.0.0.1:", "192.168.77.2"])
        {
            Assert.Contains(expected, status, StringComparison.Ordinal);
        }

        Assert.Equal(cluster.Kubeconfig, (await cluster.VerbAsync(["kubeconfig"], Stop)).OrThrow("portico kubeconfig").Output.Trim());
    }
}
