using System.Net;
using System.Net.Sockets;
using Portico.Net.Processes;

namespace Portico.EndToEnd.Lifecycle;

/// <summary>What is wrong is named, with what to do, and nothing is left behind.</summary>
public sealed class MistakeTests : LifecycleTest
{
    [Fact]
    public async Task NotRoot_IsOneSentence()
    {
        var cluster = New();

        var up = await Command.RunAsync(
            "setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "env", $"PORTICO_HOME={cluster.Home}", cluster.Binary, "up", "--detach", "--name", cluster.Name], null, Stop);

        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("root", up.Error, StringComparison.Ordinal);
        Assert.Single(up.Error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: fine\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: bad\n  namespace: default\nspec:\n  ports:\n    - port: 99999\n", "document 2: line 13: spec.ports[0].port")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bad\n\tdata: {}\n", "document 1: line 4, column 9")]
    [InlineData("apiVersion: v1\nkind: Widget\nmetadata:\n  name: bad\n", "document 1: line 2: kind: no kind \"Widget\"")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: fine\n---\nkind: ConfigMap\nmetadata:\n  name: bad\n", "document 2: line 6: kind:")]
    public async Task BadManifest_FileDocumentLineAndField(string yaml, string place)
    {
        var cluster = New();
        var file = Path.Combine(cluster.Home, "manifest.yaml");
        await File.WriteAllTextAsync(file, yaml, Stop);

        var up = await cluster.UpAsync([file], Stop);

        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains($"{file}: {place}", up.Error, StringComparison.Ordinal);
        Assert.Contains("nothing was started or applied", up.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", up.Error, StringComparison.Ordinal);
        await NothingIsLeftAsync(cluster);
    }

    [Fact]
    public async Task MissingFile_IsNamed()
    {
        var cluster = New();

        var up = await cluster.UpAsync(["/nowhere/at-all.yaml"], Stop);

        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("/nowhere/at-all.yaml", up.Error, StringComparison.Ordinal);
        await NothingIsLeftAsync(cluster);
    }

    [Fact]
    public async Task PortInUse_IsNamed()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var cluster = New(new() { HttpPort = port });

        var up = await cluster.UpAsync([], Stop);

        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains($"{port}", up.Error, StringComparison.Ordinal);
        Assert.Contains("--http-port", up.Error, StringComparison.Ordinal);
        await NothingIsLeftAsync(cluster);
    }

    [Fact]
    public async Task NameInUse_IsNamedAndTheOtherGoesOn()
    {
        var cluster = await UpAsync();
        var elsewhere = Directory.CreateTempSubdirectory("portico-home-");
        try
        {
            var up = await Command.RunAsync(
                "env", [$"PORTICO_HOME={elsewhere.FullName}", cluster.Binary, "up", "--detach", "--name", cluster.Name, "--http-port", "0", "--https-port", "0", "--api-port", "0"],
                null, TimeSpan.FromSeconds(60), Stop);

            Assert.NotEqual(0, up.ExitCode);
            Assert.Contains(cluster.Name, up.Error, StringComparison.Ordinal);
            Assert.Contains("Ready", await cluster.KubectlAsync("get nodes", Stop), StringComparison.Ordinal);
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task UnreadyManifest_IsSaidWithWhy()
    {
        var cluster = New();
        var file = Path.Combine(cluster.Home, "never.yaml");
        await File.WriteAllTextAsync(
            file,
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: never, namespace: default }
            spec:
              selector: { matchLabels: { app: never } }
              template:
                metadata: { labels: { app: never } }
                spec: { containers: [ { name: main, image: host, command: [ sleep, "1000" ], readinessProbe: { exec: { command: [ "false" ] } } } ] }
            """,
            Stop);

        var up = await cluster.RunAsync(
            ["up", file, "--detach", "--timeout", "10", "--name", cluster.Name, "--http-port", "0", "--https-port", "0", "--api-port", "0"], TimeSpan.FromMinutes(3), Stop);

        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("not everything is ready", up.Error, StringComparison.Ordinal);
        Assert.Contains("deployment default/never", up.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("kubeconfig")]
    public async Task NoSuchCluster_IsSaid(string verb)
    {
        var cluster = New();

        var result = await cluster.VerbAsync([verb], Stop);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(cluster.Name, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task DataDirectoryNotWritable_IsNamed()
    {
        var cluster = New();

        var up = await cluster.UpAsync(["--data", "/proc/portico"], Stop);

        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("/proc/portico", up.Error, StringComparison.Ordinal);
        await NothingIsLeftAsync(cluster);
    }
}
