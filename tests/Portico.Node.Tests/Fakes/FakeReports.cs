using System.Collections.Concurrent;
using Portico.Api.Objects;
using Portico.Node.Pods;

namespace Portico.Node.Tests.Fakes;

/// <summary>Keeps what was reported, and lets a test wait for it.</summary>
internal sealed class FakeReports : IPodReports
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly List<(Func<FakeReports, bool> Condition, TaskCompletionSource Met)> _waiting = [];

    public PodStatus Last { get; private set; } = new();

    public bool IsGone { get; private set; }

    public ConcurrentQueue<string> Events { get; } = [];

    public void Status(Pod pod, PodStatus status) => Change(() => Last = status);

    public void Gone(Pod pod, PodStatus status) => Change(() => (Last, IsGone) = (status, true));

    public void Event(Pod pod, bool warning, string reason, string message) => Change(() => Events.Enqueue($"{(warning ? "Warning" : "Normal")} {reason}: {message}"));

    public ContainerStatus Container(string name) =>
        Last.ContainerStatuses.Concat(Last.InitContainerStatuses).FirstOrDefault(status => status.Name == name) ?? new();

    public bool Is(string condition) => Last.Conditions.FirstOrDefault(known => known.Type == condition)?.Status == "True";

    public async Task UntilAsync(string what, Func<FakeReports, bool> condition)
    {
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (condition(this))
            {
                return;
            }

            _waiting.Add((condition, met));
        }

        await Task.WhenAny(met.Task, Task.Delay(Patience));
        Assert.True(met.Task.IsCompleted, $"{what} did not come true; status {Last}, containers {string.Join("; ", Last.ContainerStatuses.Select(Describe))}, events:\n{string.Join('\n', Events)}");
    }

    private static string Describe(ContainerStatus status) =>
        $"{status.Name} ready {status.Ready} restarts {status.RestartCount} {status.State?.Waiting}{status.State?.Running}{status.State?.Terminated}";

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            foreach (var (_, met) in _waiting.Where(entry => entry.Condition(this)))
            {
                met.TrySetResult();
            }
        }
    }
}
