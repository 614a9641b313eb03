using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Portico.Client.Connections;
using Portico.Client.Requests;
using Portico.Net.Namespaces;
using Portico.Net.Processes;

namespace Portico.Testing.Clusters;

/// <summary>A cluster that a user would have made with <c>./portico up</c>, in a PORTICO_HOME of its own. Needs root.</summary>
public sealed class LocalCluster : IAsyncDisposable
{
    private static readonly TimeSpan VerbTimeout = TimeSpan.FromSeconds(60);

    private readonly LocalClusterOptions _options;
    private KubernetesConnection? _connection;

    /// <summary>Nothing runs yet: see <see cref="UpAsync(IReadOnlyList{string}, CancellationToken)"/>.</summary>
    public LocalCluster(LocalClusterOptions options)
    {
        _options = options;
        Name = $"{options.Prefix}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}";
        Home = Directory.CreateTempSubdirectory("portico-home-").FullName;
    }

    public string Name { get; }

    public string Binary => _options.Binary;

    /// <summary>PORTICO_HOME.</summary>
    public string Home { get; }

    public string Root => Path.Combine(Home, Name);

    public string Kubeconfig => Path.Combine(Root, "kubeconfig");

    public string NamespacePrefix => $"portico-{Name}-";

    public NetworkNamespace ClientNamespace => new(NamespacePrefix + "client");

    /// <param name="number">From 1.</param>
    public NetworkNamespace NodeNamespace(int number) => new($"{NamespacePrefix}node{number.ToString(CultureInfo.InvariantCulture)}");

    /// <param name="number">From 1.</param>
    public static IPAddress NodeAddress(int number) => IPAddress.Parse($"192.168.77.{(10 + number).ToString(CultureInfo.InvariantCulture)}");

    /// <summary>A client with the user's credentials. Made when first asked for; the cluster must run by then.</summary>
    public KubernetesClient Api => new(_connection ??= new KubernetesConnection(Connection()));

    private Credentials Connection() => Client.Connections.Kubeconfig.Load(Kubeconfig);

    /// <summary><c>up --detach</c> with the manifests and options of this cluster, and more arguments.</summary>
    public Task<CommandResult> UpAsync(IReadOnlyList<string> more, CancellationToken cancellationToken) =>
        RunAsync(
            [
                "up", .. _options.Manifests.Select(Repository.PathOf), "--detach", "--name", Name,
                "--nodes", _options.Nodes.ToString(CultureInfo.InvariantCulture), "--proxy-mode", _options.ProxyMode,
                "--http-port", _options.HttpPort.ToString(CultureInfo.InvariantCulture), "--https-port", "0", "--api-port", "0", .. more,
            ],
            _options.UpTimeout,
            cancellationToken);

    /// <summary><c>up --detach</c> without manifests: the cluster as it was left.</summary>
    public Task<CommandResult> UpAgainAsync(CancellationToken cancellationToken) =>
        RunAsync(["up", "--detach", "--name", Name], _options.UpTimeout, cancellationToken);

    /// <param name="verb">The verb and its arguments; the name is added.</param>
    public Task<CommandResult> VerbAsync(IReadOnlyList<string> verb, CancellationToken cancellationToken) =>
        RunAsync([.. verb, "--name", Name], VerbTimeout, cancellationToken);

    /// <summary>The program with these arguments, and this cluster's PORTICO_HOME.</summary>
    public Task<CommandResult> RunAsync(IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken) =>
        Command.RunAsync("env", [$"PORTICO_HOME={Home}", _options.Binary, .. arguments], null, timeout, cancellationToken);

    /// <summary>A command on the client host of the LAN: <c>./portico client -- …</c>.</summary>
    public Task<CommandResult> ClientAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) =>
        RunAsync(["client", "--name", Name, "--", .. command], VerbTimeout, cancellationToken);

    public Task<CommandResult> KubectlAsync(IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken) =>
        Command.RunAsync("kubectl", ["--kubeconfig", Kubeconfig, .. arguments], input, VerbTimeout, cancellationToken);

    /// <returns>What kubectl printed.</returns>
    /// <exception cref="IOException">It ended with another code than 0.</exception>
    public async Task<string> KubectlAsync(string arguments, CancellationToken cancellationToken) =>
        (await KubectlAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), null, cancellationToken)).OrThrow($"kubectl {arguments}").Output;

    /// <summary>Applies manifests given as text, to a namespace unless they name one.</summary>
    /// <returns>What kubectl printed.</returns>
    public async Task<string> ApplyAsync(string @namespace, string yaml, CancellationToken cancellationToken) =>
        (await KubectlAsync(["-n", @namespace, "apply", "-f", "-"], Yaml(yaml), cancellationToken)).OrThrow("kubectl apply").Output;

    /// <summary>The same for manifests that name their namespaces.</summary>
    public async Task<string> ApplyAsync(string yaml, CancellationToken cancellationToken) =>
        (await KubectlAsync(["apply", "-f", "-"], Yaml(yaml), cancellationToken)).OrThrow("kubectl apply").Output;

    /// <summary>YAML in flow style, which kubectl takes for JSON unless something else comes first.</summary>
    public static string Yaml(string text) => "---\n" + text;

    /// <param name="path">Of the API, such as <c>/api/v1/namespaces/shop/pods</c>.</param>
    public async Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await Api.SendRawAsync(HttpMethod.Get, path, null, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode ? JsonNode.Parse(body)! : throw new IOException($"GET {path}: {(int)response.StatusCode} {body}");
    }

    /// <summary>Address of a LoadBalancer Service; null while it has none.</summary>
    public async Task<IPAddress?> LoadBalancerAsync(string @namespace, string service, CancellationToken cancellationToken)
    {
        var found = await GetAsync($"/api/v1/namespaces/{@namespace}/services/{service}", cancellationToken);
        return Address(found);
    }

    /// <summary>Address in the status of an Ingress; null while it has none.</summary>
    public async Task<IPAddress?> IngressAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        var found = await GetAsync($"/apis/networking.k8s.io/v1/namespaces/{@namespace}/ingresses/{name}", cancellationToken);
        return Address(found);
    }

    /// <summary>Removes the cluster with its data, also one that is broken.</summary>
    public async ValueTask DisposeAsync()
    {
        _connection?.Dispose();
        await VerbAsync(["down", "--purge"], CancellationToken.None);
        Directory.Delete(Home, recursive: true);
    }

    private static IPAddress? Address(JsonNode service) =>
        service["status"]?["loadBalancer"]?["ingress"] is JsonArray { Count: > 0 } ingress && ingress[0]?["ip"] is { } ip
            ? IPAddress.Parse(ip.GetValue<string>())
            : null;
}
