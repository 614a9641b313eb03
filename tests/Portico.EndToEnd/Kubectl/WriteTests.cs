using System.Text.Json.Nodes;
using Portico.EndToEnd.Clusters;
using Portico.EndToEnd.Exposure;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Kubectl;

/// <summary>What people change things with. Each test has a namespace of its own.</summary>
public sealed class WriteTests(ShopCluster shop) : ClusterTest(shop), IAsyncLifetime
{
    private readonly string _namespace = $"w-{Guid.NewGuid():n}"[..10];

    public async ValueTask InitializeAsync() => await Cluster.KubectlAsync($"create namespace {_namespace}", Stop);

    public async ValueTask DisposeAsync()
    {
        if (Privileges.IsRoot)
        {
            await Cluster.KubectlAsync($"delete namespace {_namespace} --wait=false", CancellationToken.None);
        }
    }

    [Fact]
    public async Task CreateExposeScaleDelete()
    {
        await DoAsync("create deployment hello --image=portico.dev/echo:1 --replicas=2 --port=8080");
        await DoAsync("rollout status deployment hello --timeout=30s");
        await DoAsync("expose deployment hello --port=80 --target-port=8080 --type=LoadBalancer");
        var address = await LoadBalancerAsync(_namespace, "hello");
        await Eventually.GetAsync("service hello", Patience, async _ => (await CurlAsync($"http://{address}/")).Status, static status => status == 200, Stop);

        await DoAsync("scale deployment hello --replicas=4");
        await DoAsync("rollout status deployment hello --timeout=30s");
        Assert.Equal("4", await DoAsync("get deployment hello -o jsonpath={.status.readyReplicas}"));
        Assert.Equal(4, (await Curl.PodsAsync(Cluster, 40, $"http://{address}/")).Count);

        await DoAsync("delete deployment,service hello");
        await DoAsync("wait --for=delete pod -l app=hello --timeout=30s");
        Assert.Equal("", await DoAsync("get pods,rs,endpointslices -o name"));
        await Eventually.GetAsync("no service hello", Patience, async _ => (await CurlAsync($"http://{address}/")).ExitCode, static code => code != 0, Stop);
    }

    [Fact]
    public async Task Apply_AgainAndWithChanges()
    {
        var manifest = ConfigMap("one");
        Assert.Contains("created", await ApplyAsync(manifest), StringComparison.Ordinal);
        Assert.Contains("unchanged", await ApplyAsync(manifest), StringComparison.Ordinal);
        Assert.Contains("configured", await ApplyAsync(ConfigMap("two")), StringComparison.Ordinal);

        Assert.Equal("two", await DoAsync("get configmap settings -o jsonpath={.data.key}"));
    }

    [Fact]
    public async Task Apply_AFieldThatIsTakenOut_IsRemoved()
    {
        await ApplyAsync("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {key: one, other: two}}");
        await ApplyAsync(ConfigMap("one"));

        Assert.Equal("""{"key":"one"}""", await DoAsync("get configmap settings -o jsonpath={.data}"));
    }

    [Fact]
    public async Task Apply_WrongField_IsRefusedWithItsPath()
    {
        var result = await KubectlAsync(
            "apply", "{apiVersion: v1, kind: Service, metadata: {name: bad}, spec: {ports: [{port: 99999}]}}");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("spec.ports[0].port", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_UnknownField_IsRefusedByValidation()
    {
        var result = await KubectlAsync(
            "apply", "{apiVersion: v1, kind: ConfigMap, metadata: {name: bad}, dta: {key: one}}");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("dta", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit()
    {
        await ApplyAsync(ConfigMap("one"));

        (await Command.RunAsync(
            "env", ["KUBE_EDITOR=sed -i s/one/edited/", "kubectl", "--kubeconfig", Cluster.Kubeconfig, "-n", _namespace, "edit", "configmap", "settings"], null, Stop)).OrThrow("kubectl edit");

        Assert.Equal("edited", await DoAsync("get configmap settings -o jsonpath={.data.key}"));
    }

    [Theory]
    [InlineData("merge", """{"data":{"key":"patched","other":null}}""")]
    [InlineData("strategic", """{"data":{"key":"patched"}}""")]
    [InlineData("json", """[{"op":"replace","path":"/data/key","value":"patched"}]""")]
    public async Task Patch(string type, string patch)
    {
        await ApplyAsync(ConfigMap("one"));

        (await Cluster.KubectlAsync(["-n", _namespace, "patch", "configmap", "settings", "--type", type, "-p", patch], null, Stop)).OrThrow("kubectl patch");

        Assert.Equal("patched", await DoAsync("get configmap settings -o jsonpath={.data.key}"));
    }

    [Fact]
    public async Task StrategicPatch_MergesContainersByName()
    {
        await DoAsync("create deployment hello --image=portico.dev/echo:1 --replicas=0");

        await DoAsync("set env deployment hello A=1");
        await DoAsync("set env deployment hello B=2");

        Assert.Equal("A B", await DoAsync("get deployment hello -o jsonpath={.spec.template.spec.containers[0].env[*].name}"));
        Assert.Equal("portico.dev/echo:1", await DoAsync("get deployment hello -o jsonpath={.spec.template.spec.containers[0].image}"));
    }

    [Fact]
    public async Task LabelAndAnnotate()
    {
        await ApplyAsync(ConfigMap("one"));

        await DoAsync("label configmap settings tier=front");
        await DoAsync("annotate configmap settings note=checked");

        Assert.Contains("settings", await DoAsync("get configmaps -l tier=front -o name"), StringComparison.Ordinal);
        Assert.Equal("checked", await DoAsync("get configmap settings -o jsonpath={.metadata.annotations.note}"));
        await DoAsync("label configmap settings tier-");
        Assert.DoesNotContain("settings", await DoAsync("get configmaps -l tier=front -o name"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replace_WithAnOldVersion_IsAConflict()
    {
        await ApplyAsync(ConfigMap("one"));
        var old = await DoAsync("get configmap settings -o json");
        await DoAsync("label configmap settings changed=yes");

        var result = await Cluster.KubectlAsync(["replace", "-f", "-"], old, Stop);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("the object has been modified", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_ChangesNothing()
    {
        await DoAsync("create deployment hello --image=portico.dev/echo:1 --dry-run=server");

        Assert.Equal("", await DoAsync("get deployments -o name"));
    }

    [Fact]
    public async Task RollingUpdate_ReplacesPodsAndUndo_BringsThemBack()
    {
        await DoAsync("create deployment hello --image=portico.dev/echo:1 --replicas=2");
        await DoAsync("rollout status deployment hello --timeout=30s");
        await DoAsync("set env deployment hello RELEASE=2");
        await DoAsync("rollout status deployment hello --timeout=30s");

        Assert.Equal("2", await DoAsync("get deployment hello -o jsonpath={.status.updatedReplicas}"));
        await DoAsync("rollout undo deployment hello");
        await DoAsync("rollout status deployment hello --timeout=30s");
        Assert.Equal("", await DoAsync("get deployment hello -o jsonpath={.spec.template.spec.containers[0].env}"));
        await DoAsync("rollout restart deployment hello");
        await DoAsync("rollout status deployment hello --timeout=30s");
    }

    [Fact]
    public async Task Watch_ShowsChangesAsTheyHappen()
    {
        await ApplyAsync(ConfigMap("one"));
        // timeout ends kubectl, which would watch for ever.
        var watch = Command.RunAsync(
            "timeout", ["6", "kubectl", "--kubeconfig", Cluster.Kubeconfig, "-n", _namespace, "get", "configmap", "settings", "-w", "-o", "jsonpath={.data.key}{\"\\n\"}"], null, Stop);
        // Its first line comes from a list, so a change before that would show only once.
        await Task.Delay(TimeSpan.FromSeconds(2), Stop);
        await ApplyAsync(ConfigMap("two"));

        Assert.Equal("one\ntwo\n", (await watch).Output);
    }

    [Fact]
    public async Task Logs_Follow_ShowsLinesAsTheyComeAndEndsWithThePod()
    {
        await ApplyAsync(
            """
            {apiVersion: v1, kind: Pod, metadata: {name: talker}, spec: {restartPolicy: Never, containers: [
              {name: main, image: host, command: [sh, -c, "for i in 1 2 3 4 5; do echo line $i; sleep 0.5; done"]}]}}
            """);
        await InPhaseAsync("talker", "Running");

        Assert.Equal("line 1\nline 2\nline 3\nline 4\nline 5\n", await DoAsync("logs -f talker"));
    }

    [Fact]
    public async Task CrashingPod_IsRestartedWithBackOffAndSaysSo()
    {
        await ApplyAsync(
            """
            {apiVersion: v1, kind: Pod, metadata: {name: crash}, spec: {containers: [{name: main, image: host, command: [sh, -c, "echo failing; exit 3"]}]}}
            """);

        await Eventually.GetAsync(
            "CrashLoopBackOff", Patience,
            _ => DoAsync("get pod crash -o jsonpath={.status.containerStatuses[0].state.waiting.reason}/{.status.containerStatuses[0].lastState.terminated.exitCode}"),
            static state => state == "CrashLoopBackOff/3", Stop);
        Assert.Contains("failing", await DoAsync("logs crash --previous"), StringComparison.Ordinal);
        await DoAsync("delete pod crash --grace-period=1");
    }

    [Fact]
    public async Task Environment_ComesFromFieldsConfigMapsAndSecrets()
    {
        await DoAsync("create configmap settings --from-literal=colour=green");
        await DoAsync("create secret generic keys --from-literal=key=s3cret");
        await ApplyAsync(
            """
            {apiVersion: v1, kind: Pod, metadata: {name: env}, spec: {restartPolicy: Never, containers: [{name: main, image: host,
              command: [sh, -c, "echo $PLAIN $NAME $WHERE $COLOUR $KEY $(hostname)"],
              env: [
                {name: PLAIN, value: given}, {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: WHERE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}},
                {name: COLOUR, valueFrom: {configMapKeyRef: {name: settings, key: colour}}}, {name: KEY, valueFrom: {secretKeyRef: {name: keys, key: key}}}]}]}}
            """);
        await InPhaseAsync("env", "Succeeded");

        Assert.Equal($"given env {_namespace} green s3cret env\n", await DoAsync("logs env"));
    }

    [Fact]
    public async Task DeletedNamespace_TakesEverythingInItAlong()
    {
        await DoAsync("create deployment hello --image=portico.dev/echo:1");
        await DoAsync("rollout status deployment hello --timeout=30s");

        await Cluster.KubectlAsync($"delete namespace {_namespace} --timeout=45s", Stop);

        Assert.DoesNotContain(_namespace, await Cluster.KubectlAsync("get pods,deployments,services -A", Stop), StringComparison.Ordinal);
        await Cluster.KubectlAsync($"create namespace {_namespace}", Stop);
    }

    [Fact]
    public async Task UnknownField_Survives()
    {
        var pod = JsonNode.Parse(await Cluster.KubectlAsync("-n shop get service web -o json", Stop))!;
        Assert.NotNull(pod["metadata"]!["annotations"]!["kubectl.kubernetes.io/last-applied-configuration"]);
        (await KubectlAsync(
            "create --validate=false", "{apiVersion: v1, kind: Service, metadata: {name: later}, spec: {ports: [{port: 80}], trafficDistribution: PreferClose}}")).OrThrow("kubectl create");

        await DoAsync("label service later seen=yes");

        Assert.Equal("PreferClose", await DoAsync("get service later -o jsonpath={.spec.trafficDistribution}"));
    }

    private static string ConfigMap(string value) => $"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: settings}}, data: {{key: {value}}}}}";

    private Task<string> DoAsync(string arguments) => Cluster.KubectlAsync($"-n {_namespace} {arguments}", Stop);

    // Not with "wait --for=jsonpath": kubectl has that since 1.23 only.
    private Task<string> InPhaseAsync(string pod, string phase) => Eventually.GetAsync(
        $"pod {pod} {phase}", Patience, _ => DoAsync($"get pod {pod} -o jsonpath={{.status.phase}}"), now => now == phase, Stop);

    private Task<string> ApplyAsync(string manifest) => Cluster.ApplyAsync(_namespace, manifest, Stop);

    private Task<CommandResult> KubectlAsync(string verb, string manifest) =>
        Cluster.KubectlAsync(["-n", _namespace, .. verb.Split(' '), "-f", "-"], LocalCluster.Yaml(manifest), Stop);
}
