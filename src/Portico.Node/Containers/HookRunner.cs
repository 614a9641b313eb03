using Portico.Api.Objects;
using Portico.Node.Probes;
using Portico.Node.Records;

namespace Portico.Node.Containers;

/// <summary>Runs postStart and preStop hooks.</summary>
internal static class HookRunner
{
    // As upstream: the request has no limit of its own; the grace period cuts it.
    private static readonly TimeSpan NoLimit = TimeSpan.FromHours(1);

    /// <returns>Null, or why it failed.</returns>
    public static async Task<string?> RunAsync(
        LifecycleHandler hook, Container container, ContainerRecord record, string podAddress,
        IPodRuntime runtime, IProber prober, TimeProvider time, CancellationToken cancellationToken)
    {
        switch (hook)
        {
            case { Exec: { } exec }:
                var result = await runtime.ExecAsync(record, exec.Command, NoLimit, cancellationToken);
                return result.ExitCode == 0 ? null : $"command '{string.Join(' ', exec.Command)}' exited with {result.ExitCode}: {result.Output}";
            case { HttpGet: { } http }:
                var answer = await prober.HttpGetAsync(http, container, podAddress, NoLimit, cancellationToken);
                return answer.Success ? null : answer.Message;
            case { Sleep: { } sleep }:
                await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), time, cancellationToken);
                return null;
            default:
                return "only exec, httpGet and sleep hooks work on this node";
        }
    }
}
