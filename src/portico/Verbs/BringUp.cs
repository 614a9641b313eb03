using Portico.Api.Kinds;
using Portico.Cli.Clusters;
using Portico.Cli.Manifests;
using Portico.Cli.Output;
using Portico.Cli.Readiness;
using Portico.Cli.Supervision;
using Portico.Client.Requests;
using Portico.Gateway;

namespace Portico.Cli.Verbs;

/// <summary>From a control plane on its way up to a cluster that serves: system objects, nodes, the user's manifests, and the proof that they answer.</summary>
internal sealed class BringUp(ClusterHome home, ClusterSpec spec, KubernetesClient client, StepPrinter steps, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    /// <returns>Empty when everything is ready and reachable; otherwise what is not, and why.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<Manifest> manifests, TimeSpan limit, CancellationToken cancellationToken)
    {
        await ApiServerWait.RunAsync(home, client, time, cancellationToken);
        steps.Done($"control plane: https://127.0.0.1:{spec.ApiPort}");
        // Before the first pod: otherwise all of them are put on the node that is ready first.
        if (!await WaitAsync(NodesReadyAsync, limit, cancellationToken))
        {
            return [$"not every node became ready; logs: {home.Run}/node*.log"];
        }

        steps.Done($"nodes: {string.Join(", ", Enumerable.Range(1, spec.Nodes).Select(ClusterAddresses.NodeName))}");
        var system = ManifestFiles.Parse("gateway.yaml", GatewayManifests.Text);
        var applier = new ManifestApplier(client);
        if (await applier.ApplyAsync([.. system.Manifests, .. manifests], cancellationToken) is { } refused)
        {
            return [refused];
        }

        if (manifests.Count > 0)
        {
            steps.Done($"applied {manifests.Count} objects");
        }

        return await new ReadinessWait(new(client, home), steps, time).RunAsync([.. system.Manifests, .. manifests], limit, cancellationToken);
    }

    private async Task<bool> WaitAsync(Func<CancellationToken, Task<bool>> condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!await condition(cancellationToken))
        {
            if (time.GetElapsedTime(started) > limit)
            {
                return false;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }

        return true;
    }

    private async Task<bool> NodesReadyAsync(CancellationToken cancellationToken)
    {
        var nodes = (await client.ListAsync(KnownKinds.Nodes, ListOptions.All, cancellationToken)).Value?.Items ?? [];
        return Enumerable.Range(1, spec.Nodes).Select(ClusterAddresses.NodeName).All(name => nodes.Any(node =>
            node.Metadata.Name == name && node.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" })));
    }
}
