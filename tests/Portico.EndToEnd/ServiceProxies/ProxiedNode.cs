using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Requests;
using Portico.EndToEnd.Clusters;
using Portico.Net.Namespaces;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.ServiceProxies;

/// <summary>
/// One node of "some" cluster: an API server in one namespace, which is also the client outside, a node in another, and two pods. The service proxy is
/// the program that users run.
/// </summary>
internal sealed class ProxiedNode : IAsyncDisposable
{
    public const string ClusterIP = "10.96.0.80";
    public const string NodeAddress = "192.168.88.11";
    public const int NodePort = 30080;
    public const string ClusterIP6 = "fd00:96::80";
    public const string NodeAddress6 = "fd00:88::11";
    private const string ApiAddress = "192.168.88.1";
    private const int PodPort = 8080;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _prefix = $"pt-node-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly string _directory = Directory.CreateTempSubdirectory("pt-node-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _pods = [];
    private readonly StringBuilder _log = new();

    private ProxiedNode()
    {
        Outside = NetworkNamespace.Create(_prefix + "-api");
        Node = NetworkNamespace.Create(_prefix + "-node");
    }

    public NetworkNamespace Outside { get; }

    public NetworkNamespace Node { get; }

    public Dictionary<string, NetworkNamespace> Pods { get; } = [];

    public EmbeddedServer Server { get; private set; } = null!;

    public Process? Proxy { get; private set; }

    public string ConfigurationFile => Path.Combine(_directory, "config.yaml");

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public static async Task<ProxiedNode> StartAsync()
    {
        var world = new ProxiedNode();
        try
        {
            await world.LayAsync();
            world.Server = await EmbeddedServer.StartAsync(world.Outside, new(IPAddress.Parse(ApiAddress), 6443));
            await world.WriteObjectsAsync();
            world.WriteFiles();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives the node, the Service and its endpoints an address of the second family.</summary>
    public async Task BecomeDualStackAsync()
    {
        File.WriteAllText(ConfigurationFile, File.ReadAllText(ConfigurationFile).Replace("clusterCIDR: 10.244.0.0/16", "clusterCIDR: 10.244.0.0/16,fd00:244::/32", StringComparison.Ordinal));
        await TellAddressesAsync(NodeAddress, NodeAddress6);
        var both = JsonNode.Parse($$$"""{"spec":{"ipFamilyPolicy":"RequireDualStack","ipFamilies":["IPv4","IPv6"],"clusterIPs":["{{{ClusterIP}}}","{{{ClusterIP6}}}"]} }""")!;
        (await Server.Client.PatchAsync(KnownKinds.Services, new("default", "web"), PatchType.Merge, both, null, CancellationToken.None)).OrThrow();
        await CreateAsync(KnownKinds.EndpointSlices, "default", SliceOf("web-2", "IPv6", "fd00:244:1::5"));
    }

    /// <summary>As a DaemonSet would start it.</summary>
    public void StartProxy(params string[] more) => Start([], ["--config", ConfigurationFile, "--hostname-override", "node1", .. more]);

    /// <summary>The same by a user who may not change the kernel.</summary>
    public void StartProxyWithoutRights() =>
        Start(["setpriv", "--bounding-set=-net_admin"], ["--config", ConfigurationFile, "--hostname-override", "node1"]);

    /// <summary>As a pod would start it that has no kubeconfig, only its service account.</summary>
    public void StartProxyInPod() => Start(
        [
            "env", "KUBERNETES_SERVICE_HOST=" + ApiAddress, "KUBERNETES_SERVICE_PORT=6443", "unshare", "--mount", "sh", "-ec",
            "mount -t tmpfs tmpfs /run; mkdir -p /run/secrets/kubernetes.io/serviceaccount; mount --bind \"$0\" /run/secrets/kubernetes.io/serviceaccount; exec \"$@\"",
            _directory,
        ],
        ["--hostname-override=node1", "--cluster-cidr=10.244.0.0/16", "--oom-score-adj=0", "--conntrack-max-per-core=0"]);

    /// <summary>What the token file holds from now on.</summary>
    public void WriteToken(string token)
    {
        // As the kubelet does it: never half of one.
        File.WriteAllText(Path.Combine(_directory, "token.new"), token + "\n");
        File.Move(Path.Combine(_directory, "token.new"), Path.Combine(_directory, "token"), overwrite: true);
    }

    /// <summary>Adds lines to the configuration file.</summary>
    public void Configure(string lines) => File.AppendAllText(ConfigurationFile, "\n" + lines + "\n");

    public async Task KillProxyAsync()
    {
        ProcessSignals.Kill(Proxy!.Id);
        await Proxy.WaitForExitAsync();
    }

    public async Task TerminateProxyAsync()
    {
        ProcessSignals.Terminate(Proxy!.Id);
        await Proxy.WaitForExitAsync();
    }

    /// <summary>Runs the verb to its end.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => RunAsync([], arguments);

    /// <param name="by">A program, such as env, that starts the verb.</param>
    public Task<CommandResult> RunAsync(IReadOnlyList<string> by, params string[] arguments) => Command.RunAsync(
        "nsenter", ["--net=" + Node.Path, "--", .. by, Program, "node", .. arguments], null, Patience, CancellationToken.None);

    public async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        try
        {
            await Eventually.TrueAsync(what, Patience, _ => condition(), CancellationToken.None);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; log of the proxy: {Log}", late);
        }
    }

    /// <summary>What a pod says over a new connection; null: refused or lost.</summary>
    public static async Task<string?> AskAsync(NetworkNamespace from, string address, int port)
    {
        try
        {
            using var socket = await ConnectAsync(from, address, port);
            return await ReadAsync(socket);
        }
        catch (Exception failed) when (failed is SocketException or OperationCanceledException)
        {
            return null;
        }
    }

    public static async Task<Socket> ConnectAsync(NetworkNamespace from, string address, int port)
    {
        var to = IPAddress.Parse(address);
        var socket = from.Run(() => new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await socket.ConnectAsync(to, port, limit.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The greeting, or the echo of what was sent.</summary>
    public static async Task<string> ReadAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[256];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token)).Trim();
    }

    /// <summary>Only this pod stands behind the Service, in the family of the address.</summary>
    public async Task ServeFromAsync(string address)
    {
        var patch = new JsonObject { ["endpoints"] = new JsonArray(EndpointOf(address)) };
        (await Server.Client.PatchAsync(KnownKinds.EndpointSlices, new("default", address.Contains(':') ? "web-2" : "web-1"), PatchType.Merge, patch, null, CancellationToken.None)).OrThrow();
    }

    public async Task<(int Code, string Body)> GetAsync(string address, int port, string path)
    {
        var told = await Command.RunAsync(
            "nsenter", ["--net=" + Node.Path, "--", "curl", "-s", "-m", "10", "-w", "\n%{http_code}", $"http://{address}:{port}{path}"], null, CancellationToken.None);
        var lines = told.Output.Split('\n');
        return (int.TryParse(lines[^1], out var code) ? code : 0, string.Join('\n', lines[..^1]));
    }

    public async Task<string> InNodeAsync(params string[] command) =>
        (await Command.RunAsync("nsenter", ["--net=" + Node.Path, "--", .. command], null, CancellationToken.None)).OrThrow(command[0]).Output;

    public async ValueTask DisposeAsync()
    {
        if (Proxy is { HasExited: false })
        {
            await KillProxyAsync();
        }

        Proxy?.Dispose();
        await _stop.CancelAsync();
        await Task.WhenAll(_pods);
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        foreach (var made in NetworkNamespace.List(_prefix))
        {
            made.Delete();
        }

        Directory.Delete(_directory, recursive: true);
        _stop.Dispose();
    }

    private static string Program => new LocalClusterOptions().Binary;

    private void Start(IReadOnlyList<string> by, IReadOnlyList<string> arguments)
    {
        Proxy = Process.Start(
            new ProcessStartInfo("nsenter", ["--net=" + Node.Path, "--", .. by, Program, "node", .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Proxy.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
            {
                _log.Append(line.Data).Append('\n');
            }
        };
        Proxy.BeginErrorReadLine();
    }

    private async Task LayAsync()
    {
        var (node, outside) = (Node.Name, Outside.Name);
        var commands = new List<string>
        {
            $"link add eth0 netns {node} type veth peer name eth0 netns {outside}",
            $"-n {node} link set lo up",
            $"-n {outside} link set lo up",
            $"-n {node} addr add {NodeAddress}/24 dev eth0",
            $"-n {outside} addr add {ApiAddress}/24 dev eth0",
            $"-n {node} link set eth0 up",
            $"-n {outside} link set eth0 up",
            $"-n {outside} route add 10.96.0.0/16 via {NodeAddress}",
            $"-n {outside} route add 192.168.99.0/24 via {NodeAddress}",
            $"-n {node} addr add {NodeAddress6}/64 dev eth0 nodad",
            $"-n {outside} addr add fd00:88::1/64 dev eth0 nodad",
            $"-n {outside} -6 route add fd00:96::/112 via {NodeAddress6}",
        };
        foreach (var (name, address, address6) in new[] { ("pod1", "10.244.1.5", "fd00:244:1::5"), ("pod2", "10.244.1.6", "fd00:244:1::6") })
        {
            var pod = Pods[name] = NetworkNamespace.Create($"{_prefix}-{name}");
            commands.AddRange(
            [
                $"link add {name} netns {node} type veth peer name eth0 netns {pod.Name}",
                $"-n {pod.Name} link set lo up",
                $"-n {pod.Name} addr add {address}/32 dev eth0",
                $"-n {pod.Name} link set eth0 up",
                $"-n {pod.Name} route add 169.254.1.1 dev eth0",
                $"-n {pod.Name} route add default via 169.254.1.1 dev eth0",
                $"-n {node} addr add 169.254.1.1/32 dev {name}",
                $"-n {node} link set {name} up",
                $"-n {node} route add {address} dev {name} src {NodeAddress}",
                $"-n {pod.Name} addr add {address6}/128 dev eth0 nodad",
                $"-n {node} addr add fe80::1/64 dev {name} nodad",
                $"-n {pod.Name} -6 route add default via fe80::1 dev eth0",
                $"-n {node} -6 route add {address6} dev {name}",
            ]);
        }

        foreach (var command in commands)
        {
            (await Command.RunAsync("ip", command.Split(' '), null, CancellationToken.None)).OrThrow("ip " + command);
        }

        await InNodeAsync("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
        foreach (var (name, pod) in Pods)
        {
            _pods.Add(ServeAsync(name, pod));
        }
    }

    private async Task ServeAsync(string name, NetworkNamespace pod)
    {
        using var listener = pod.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, PodPort));
            socket.Listen();
            return socket;
        });
        var connections = new ConcurrentBag<Task>();
        try
        {
            while (true)
            {
                connections.Add(EchoAsync(name, await listener.AcceptAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }

        await Task.WhenAll(connections);
    }

    private async Task EchoAsync(string name, Socket socket)
    {
        using (socket)
        {
            try
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes(name + "\n"), _stop.Token);
                var buffer = new byte[256];
                while (await socket.ReceiveAsync(buffer, _stop.Token) is > 0 and var read)
                {
                    await socket.SendAsync(buffer.AsMemory(0, read), _stop.Token);
                }
            }
            catch (Exception gone) when (gone is SocketException or OperationCanceledException)
            {
                // The client went, or the test is over.
            }
        }
    }

    private static JsonObject EndpointOf(string address) => new()
    {
        ["addresses"] = new JsonArray(address),
        ["nodeName"] = "node1",
        ["conditions"] = new JsonObject { ["ready"] = true },
    };

    private async Task WriteObjectsAsync()
    {
        await CreateAsync(KnownKinds.Nodes, "", """{"metadata":{"name":"node1"}}""");
        await TellAddressesAsync(NodeAddress);
        await CreateAsync(KnownKinds.Services, "default", $$$"""
            {"metadata":{"name":"web"},"spec":{"type":"NodePort","clusterIP":"{{{ClusterIP}}}","ports":[{"name":"tcp","port":80,"nodePort":{{{NodePort}}} }] } }
            """);
        await CreateAsync(KnownKinds.Services, "default", """{"metadata":{"name":"headless"},"spec":{"clusterIP":"None","ports":[{"port":80}]}}""");
        await CreateAsync(KnownKinds.EndpointSlices, "default", SliceOf("web-1", "IPv4", "10.244.1.5"));
    }

    private async Task TellAddressesAsync(params string[] addresses)
    {
        var list = new JsonArray([.. addresses.Select(static address => new JsonObject { ["type"] = "InternalIP", ["address"] = address })]);
        var status = new JsonObject { ["status"] = new JsonObject { ["addresses"] = list } };
        (await Server.Client.PatchAsync(KnownKinds.Nodes, new("", "node1"), PatchType.Merge, status, "status", CancellationToken.None)).OrThrow();
    }

    private static string SliceOf(string name, string family, string address) => $$$"""
        {"metadata":{"name":"{{{name}}}","labels":{"kubernetes.io/service-name":"web"}},"addressType":"{{{family}}}","ports":[{"name":"tcp","port":{{{PodPort}}},"protocol":"TCP"}],
         "endpoints":[{{{EndpointOf(address).ToJsonString()}}}]}
        """;

    private async Task CreateAsync<T>(ResourceKind<T> kind, string @namespace, string json)
        where T : class, IObject =>
        (await Server.Client.CreateAsync(kind, @namespace, JsonNode.Parse(json)!, CancellationToken.None)).OrThrow();

    private void WriteFiles()
    {
        WriteToken(Server.RotatedToken);
        File.WriteAllText(Path.Combine(_directory, "ca.crt"), Server.AuthorityPem);
        // As kubeadm writes it: the token is a file that is rotated.
        File.WriteAllText(Path.Combine(_directory, "kubeconfig"), $$$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: default, cluster: {server: "https://{{{ApiAddress}}}:6443", certificate-authority: ca.crt}}]
            contexts: [{name: default, context: {cluster: default, user: default}}]
            current-context: default
            users: [{name: default, user: {tokenFile: token}}]
            """);
        File.WriteAllText(ConfigurationFile, $$"""
            apiVersion: kubeproxy.config.k8s.io/v1alpha1
            kind: KubeProxyConfiguration
            clientConnection: {kubeconfig: {{Path.Combine(_directory, "kubeconfig")}}}
            clusterCIDR: 10.244.0.0/16
            oomScoreAdj: 0
            # The machine's limits are not this test's to change.
            conntrack: {maxPerCore: 0, tcpEstablishedTimeout: 12h}
            """);
    }
}
