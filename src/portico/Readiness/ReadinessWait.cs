using Portico.Cli.Manifests;
using Portico.Cli.Output;

namespace Portico.Cli.Readiness;

/// <summary>Waits until everything in a set of manifests is ready and reachable, one line for each as it comes.</summary>
internal sealed class ReadinessWait(ReadinessChecks checks, StepPrinter steps, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <returns>Empty when all is ready; otherwise what is not after <paramref name="limit"/>, and why.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<Manifest> manifests, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var waiting = manifests.ToList();
        while (true)
        {
            var problems = new List<string>();
            foreach (var manifest in waiting.ToList())
            {
                if (await checks.CheckAsync(manifest, cancellationToken) is { } problem)
                {
                    problems.Add($"{manifest}: {problem}");
                    continue;
                }

                waiting.Remove(manifest);
                if (manifest.Kind.Kind is "Deployment" or "ReplicaSet" or "Pod" or "Service" or "Ingress")
                {
                    steps.Done($"{manifest} is ready");
                }
            }

            if (waiting.Count == 0 || time.GetElapsedTime(started) > limit)
            {
                return problems;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
