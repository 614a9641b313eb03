using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Portico.Server.Tests;

/// <summary>The kubectl of the machine, unchanged, with nothing but a kubeconfig.</summary>
public sealed class KubectlTests : IAsyncLifetime
{
    private static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(directory => Path.Combine(directory, "kubectl")).FirstOrDefault(File.Exists);

    private TestServer _server = null!;
    private string _kubeconfig = "";

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Program is null, "there is no kubectl on this machine");
        _server = await TestServer.StartAsync();
        _kubeconfig = _server.Kubeconfig();
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Deployment_ThroughItsLife()
    {
        await OkAsync("create deployment web --image=portico.dev/echo:1 --replicas=2");
        Assert.Matches("""(?m)^web +0/2 +0 +0 +\d+s +echo +portico.dev/echo:1 +app=web""", await OkAsync("get deploy -o wide"));
        Assert.Contains("deployment.apps/web scaled", await OkAsync("scale deploy web --replicas=3"), StringComparison.Ordinal);
        await OkAsync("label deploy web tier=front");
        await OkAsync("annotate deploy web note=hello");
        Assert.Equal("web", (await OkAsync("get deploy -l tier=front -o jsonpath={.items[*].metadata.name}")).Trim());
        await OkAsync("""patch deploy web -p {"spec":{"template":{"spec":{"containers":[{"name":"echo","env":[{"name":"A","value":"1"}]}]}}}}""");
        await OkAsync("""patch deploy web --type=merge -p {"spec":{"minReadySeconds":1}}""");
        await OkAsync("""patch deploy web --type=json -p [{"op":"replace","path":"/spec/replicas","value":4}]""");
        var deployment = JsonNode.Parse(await OkAsync("get deploy web -o json"))!;
        var container = deployment["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal((4, 1, "portico.dev/echo:1", "1"), (
            (int)deployment["spec"]!["replicas"]!, (int)deployment["spec"]!["minReadySeconds"]!, (string)container["image"]!, (string)container["env"]![0]!["value"]!));
        Assert.Contains("deployment.apps/web edited", await OkAsync("edit deploy web", editor: "sed -i s/minReadySeconds:.*/minReadySeconds:\\ 2/"), StringComparison.Ordinal);

        Assert.Contains("timed out", (await RunAsync("wait --for=condition=Available deploy/web --timeout=1s")).Output, StringComparison.Ordinal);
        await OkAsync("""
            patch deploy web --subresource=status --type=merge -p {"status":{"observedGeneration":99,"replicas":4,"updatedReplicas":4,"readyReplicas":4,"availableReplicas":4,"conditions":[{"type":"Available","status":"True"}]}}
            """);
        Assert.Contains("condition met", await OkAsync("wait --for=condition=Available deploy/web --timeout=5s"), StringComparison.Ordinal);
        Assert.Contains("successfully rolled out", await OkAsync("rollout status deploy/web --timeout=5s"), StringComparison.Ordinal);
        Assert.Contains("service/web exposed", await OkAsync("expose deployment web --port=80 --target-port=8080 --type=NodePort"), StringComparison.Ordinal);
        Assert.Matches("""(?m)^web +NodePort +10\.96\.\d+\.\d+ +<none> +80:3\d{4}/TCP""", await OkAsync("get svc"));
        Assert.Contains("Replicas:", await OkAsync("describe deploy web"), StringComparison.Ordinal);
        Assert.Contains("TargetPort:", await OkAsync("describe svc web"), StringComparison.Ordinal);
        Assert.Contains("deleted", await OkAsync("delete deploy,svc web"), StringComparison.Ordinal);
        Assert.Contains("NotFound", (await RunAsync("get deploy web")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_TwiceAndChanged_MergesLists()
    {
        var file = Path.Combine(_server.Directory, "web.yaml");
        await File.WriteAllTextAsync(file, Manifest("http", 8080));
        Assert.Contains("service/web created", await OkAsync($"apply -f {file}"), StringComparison.Ordinal);
        Assert.Contains("service/web unchanged", await OkAsync($"apply -f {file}"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, Manifest("http", 9090));
        Assert.Contains("service/web configured", await OkAsync($"apply -f {file}"), StringComparison.Ordinal);
        Assert.Equal("9090", (await OkAsync("get svc web -o jsonpath={.spec.ports[0].targetPort}")).Trim());
        await File.WriteAllTextAsync(file, Manifest("http", 9090).Replace("selector:", "selectr:", StringComparison.Ordinal));
        Assert.Contains("unknown field \"spec.selectr\"", (await RunAsync($"apply -f {file}")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_PrintsWhatChanges()
    {
        await OkAsync("create configmap a --from-literal=k=v");
        using var watch = Start("get cm -w --output-watch-events");
        Assert.Contains("EVENT", await LineAsync(watch), StringComparison.Ordinal);
        Assert.Matches("^ADDED +a +1", await LineAsync(watch));
        await OkAsync("create configmap b --from-literal=k=v");
        Assert.Matches("^ADDED +b +1", await LineAsync(watch));
        await OkAsync("delete configmap a");
        Assert.Matches("^DELETED +a", await LineAsync(watch));
        watch.Kill();
        await watch.WaitForExitAsync();
    }

    [Fact]
    public async Task Questions_AreAnswered()
    {
        var resources = await OkAsync("api-resources");
        Assert.Matches("""(?m)^deployments +deploy +apps/v1 +true +Deployment""", resources);
        Assert.Matches("""(?m)^ingresses +ing +networking.k8s.io/v1 +true +Ingress""", resources);
        Assert.Equal("yes", (await OkAsync("auth can-i delete pods")).Trim());
        Assert.Contains("admin", await OkAsync("auth whoami"), StringComparison.Ordinal);
        Assert.Contains("KIND:       ConfigMap", await OkAsync("explain configmap"), StringComparison.Ordinal);
        Assert.Contains("Server Version: v1.34.0", await OkAsync("version"), StringComparison.Ordinal);
        await OkAsync("create namespace shop");
        await _server.CreateAsync("/api/v1/namespaces/shop/events", JsonNode.Parse(
            """{"metadata":{"name":"e1"},"involvedObject":{"kind":"Pod","name":"web","namespace":"shop"},"reason":"Started","type":"Normal","message":"up","lastTimestamp":"2026-01-01T00:00:00Z"}""")!);
        Assert.Matches("""Normal +Started +pod/web +up""", await OkAsync("get events -n shop --field-selector involvedObject.name=web"));
        Assert.Contains("No resources found", await OkAsync("get events -n shop --field-selector reason=Other"), StringComparison.Ordinal);
        Assert.Contains("Status:       Active", await OkAsync("describe ns shop"), StringComparison.Ordinal);
        Assert.Matches("""(?m)^default +kubernetes +ClusterIP +10\.96\.0\.1""", await OkAsync("get svc -A --field-selector spec.clusterIP!=None"));
        Assert.Contains("apiVersion: v1", await OkAsync("get svc kubernetes -o yaml"), StringComparison.Ordinal);
        await OkAsync("run p --image=portico.dev/echo:1");
        Assert.Contains("Status:           Pending", await OkAsync("describe pod p"), StringComparison.Ordinal);
        Assert.Contains("does not have a host assigned", (await RunAsync("logs p")).Output, StringComparison.Ordinal);
        Assert.Contains("deleted", await OkAsync("delete pod p --now"), StringComparison.Ordinal);
    }

    private static string Manifest(string name, int port) => $"""
        apiVersion: v1
        kind: Service
        metadata:
          name: web
        spec:
          selector:
            app: web
          ports:
          - name: {name}
            port: 80
            targetPort: {port}
          - name: admin
            port: 81

        """;

    private static async Task<string> LineAsync(Process process)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await process.StandardOutput.ReadLineAsync(patience.Token) ?? throw new EndOfStreamException(await process.StandardError.ReadToEndAsync());
    }

    private async Task<string> OkAsync(string arguments, string? editor = null)
    {
        var (code, output) = await RunAsync(arguments, editor);
        Assert.True(code == 0, $"kubectl {arguments}: {code}\n{output}");
        return output;
    }

    private async Task<(int Code, string Output)> RunAsync(string arguments, string? editor = null)
    {
        using var process = Start(arguments, editor);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output + await errors);
    }

    private Process Start(string arguments, string? editor = null)
    {
        var start = new ProcessStartInfo(Program!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["KUBECONFIG"] = _kubeconfig;
        start.Environment["HOME"] = _server.Directory;
        start.Environment["EDITOR"] = editor ?? "false";
        return Process.Start(start)!;
    }
}
