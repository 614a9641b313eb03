using System.Text.Json.Nodes;
using Portico.Testing.Clusters;

namespace Portico.EndToEnd.Clusters;

/// <summary>Runs a shell command as a pod and returns what it printed.</summary>
internal static class HostPod
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<string> RunAsync(LocalCluster cluster, string @namespace, string node, string shell, CancellationToken cancellationToken)
    {
        var name = $"run-{Guid.NewGuid():n}"[..16];
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
            ["spec"] = new JsonObject
            {
                ["nodeName"] = node,
                ["restartPolicy"] = "Never",
                ["terminationGracePeriodSeconds"] = 0,
                ["containers"] = new JsonArray(new JsonObject
                {
                    ["name"] = "main",
                    ["image"] = "host",
                    ["command"] = new JsonArray("sh", "-c", shell),
                }),
            },
        };
        await cluster.ApplyAsync(pod.ToJsonString(), cancellationToken);
        try
        {
            var phase = await Eventually.GetAsync(
                $"the end of pod {@namespace}/{name}", Patience,
                async token => (await cluster.GetAsync($"/api/v1/namespaces/{@namespace}/pods/{name}", token))["status"]?["phase"]?.GetValue<string>(),
                static phase => phase is "Succeeded" or "Failed", cancellationToken);
            var output = await cluster.KubectlAsync($"-n {@namespace} logs {name}", cancellationToken);
            return phase == "Succeeded" ? output : throw new InvalidOperationException($"pod {name} ({shell}) failed: {output}");
        }
        finally
        {
            await cluster.KubectlAsync($"-n {@namespace} delete pod {name} --wait=false", cancellationToken);
        }
    }
}
