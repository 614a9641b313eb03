using System.Globalization;
using System.Text.Json.Nodes;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Clusters;

/// <summary>What the echo image answered to curl on the client host.</summary>
internal sealed record Curl(int ExitCode, int Status, string Pod, string Body, string Error)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public JsonNode Json => JsonNode.Parse(Body)!;

    public static async Task<Curl> GetAsync(LocalCluster cluster, string url, params string[] more) =>
        Read(await cluster.ClientAsync(["curl", .. Arguments, .. more, url], Stop));

    /// <summary>The same from the network of a pod.</summary>
    public static async Task<Curl> GetFromPodAsync(LocalCluster cluster, string podAddress, string url, params string[] more)
    {
        var space = await PodNamespaces.FindAsync(cluster, podAddress, Stop);
        return Read(await space.Run(() => Command.RunAsync("curl", [.. Arguments, .. more, url], null, Stop)));
    }

    /// <summary>The pods that answer, when each request has a connection of its own.</summary>
    public static async Task<IReadOnlySet<string>> PodsAsync(LocalCluster cluster, int requests, string url, params string[] more)
    {
        var pods = new HashSet<string>();
        for (var i = 0; i < requests; i++)
        {
            var answer = await GetAsync(cluster, url, more);
            Assert.True(answer.Status == 200, $"{url}: {answer}");
            pods.Add(answer.Pod);
        }

        return pods;
    }

    private static string[] Arguments => ["-sS", "--max-time", "5", "-w", "\n%{http_code} %header{x-echo-pod}"];

    private static Curl Read(CommandResult result)
    {
        var end = result.Output.LastIndexOf('\n');
        var last = end < 0 ? [] : result.Output[(end + 1)..].Split(' ');
        return new(
            result.ExitCode,
            last.Length > 0 && int.TryParse(last[0], CultureInfo.InvariantCulture, out var status) ? status : 0,
            last.Length > 1 ? last[1] : "",
            end < 0 ? "" : result.Output[..end],
            result.Error.Trim());
    }
}
