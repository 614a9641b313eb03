using System.Security.Cryptography;
using Portico.Api.Objects;
using Portico.Node.Containers;
using Portico.Node.Probes;
using Portico.Node.Records;

namespace Portico.Node.Pods;

/// <summary>The containers of one pod: starts, watches, probes and stops them. Everything but what is posted runs on the worker's loop.</summary>
internal sealed class ContainerSet(PodServices services, Action<Action> post, Func<PodRecord> record, Action<PodRecord> save)
{
    private static readonly TimeSpan StartPoll = TimeSpan.FromMilliseconds(10);

    private readonly Dictionary<string, ContainerRun> _runs = [];

    private TimeProvider Time => services.Time;

    public bool NoneRuns => _runs.Values.All(run => !run.IsWatched);

    /// <summary>Goes on with what an earlier agent left running, or notices that it ended meanwhile.</summary>
    public void Adopt(Pod pod)
    {
        Track(pod);
        foreach (var run in _runs.Values)
        {
            if (record().Find(run.Container.Name) is { Ended: null } running)
            {
                Watch(run, running);
                // Until a probe says otherwise: a restart of the agent must not take the pod out of its Services.
                run.Ready = pod.Status.ContainerStatuses.FirstOrDefault(status => status.Name == run.Container.Name)?.Ready ?? false;
            }
        }
    }

    /// <returns>When to come again; null: when something happens.</returns>
    public async Task<DateTimeOffset?> SyncAsync(Pod pod, CancellationToken cancellationToken)
    {
        Track(pod);
        foreach (var init in pod.Spec.InitContainers)
        {
            var run = _runs[init.Name];
            if (record().Find(init.Name)?.Ended is { ExitCode: 0 })
            {
                run.StopWaiting();
                continue;
            }

            return await SyncAsync(pod, run, cancellationToken);
        }

        DateTimeOffset? next = null;
        foreach (var container in pod.Spec.Containers)
        {
            if (await SyncAsync(pod, _runs[container.Name], cancellationToken) is { } due && (next is null || due < next))
            {
                next = due;
            }
        }

        return next;
    }

    public IReadOnlyDictionary<string, ContainerView> View(PodRecord? known) => _runs.ToDictionary(
        entry => entry.Key,
        entry => new ContainerView(
            known?.Find(entry.Key), entry.Value.WaitingReason, entry.Value.WaitingMessage, entry.Value.Ready && !entry.Value.IsStopping));

    /// <summary>Asks every container to end, and kills it when the limit is reached. Each end is posted.</summary>
    public void BeginStop(Pod pod, StopLimit limit, CancellationToken cancellationToken)
    {
        Track(pod);
        foreach (var run in _runs.Values)
        {
            run.StopWaiting();
            if (run.IsWatched)
            {
                BeginStop(pod, run, "Stopping container " + run.Container.Name, limit.End, cancellationToken);
            }
        }
    }

    /// <summary>Ends what runs in the background for the containers; the containers themselves go on.</summary>
    public async Task LeaveAsync()
    {
        foreach (var run in _runs.Values)
        {
            run.Life?.Cancel();
            await Task.WhenAll(run.Background);
            run.Life?.Dispose();
        }
    }

    private void Track(Pod pod)
    {
        foreach (var (container, isInit) in pod.Spec.InitContainers.Select(init => (init, true)).Concat(pod.Spec.Containers.Select(main => (main, false))))
        {
            if (_runs.TryGetValue(container.Name, out var run))
            {
                run.Container = container;
            }
            else
            {
                _runs[container.Name] = new() { Container = container, IsInit = isInit };
            }
        }
    }

    private async Task<DateTimeOffset?> SyncAsync(Pod pod, ContainerRun run, CancellationToken cancellationToken)
    {
        var known = record().Find(run.Container.Name);
        if (run.IsWatched && known is not null)
        {
            EnsureLife(pod, run, known);
            return null;
        }

        if (known?.Ended is { } ended)
        {
            if (!Restarts(pod, run, ended))
            {
                run.StopWaiting();
                return null;
            }

            var delay = BackOff.Delay(known.BackOffs);
            if (ended.FinishedAt + delay is var at && at > Time.GetUtcNow())
            {
                run.NotBefore = at;
                if (run.Wait("CrashLoopBackOff", $"back-off {(int)delay.TotalMinutes}m{delay.Seconds}s restarting failed container={run.Container.Name} pod={pod.Metadata.Name}_{pod.Metadata.Namespace}({pod.Metadata.Uid})"))
                {
                    services.Reports.Event(pod, true, "BackOff", $"Back-off restarting failed container {run.Container.Name} in pod {pod.Metadata.Name}_{pod.Metadata.Namespace}({pod.Metadata.Uid})");
                }

                return at;
            }
        }

        return run.NotBefore > Time.GetUtcNow() ? run.NotBefore : await StartAsync(pod, run, known, cancellationToken);
    }

    private static bool Restarts(Pod pod, ContainerRun run, Termination ended) => (pod.Spec.RestartPolicy ?? "Always") switch
    {
        "Never" => false,
        "OnFailure" => ended.ExitCode != 0,
        // An init container has done its work when it succeeds.
        _ => !run.IsInit || ended.ExitCode != 0,
    };

    private async Task<DateTimeOffset?> StartAsync(Pod pod, ContainerRun run, ContainerRecord? before, CancellationToken cancellationToken)
    {
        var container = run.Container;
        var image = container.Image ?? "";
        if (!Images.TryEntryPoint(image, services.Options.ProgramPath, services.Options.BuiltInImages, out var entryPoint, out var message))
        {
            return Refuse(pod, run, run.WaitingReason == "ErrImagePull" ? "ImagePullBackOff" : "ErrImagePull", message, TimeSpan.FromSeconds(10));
        }

        var references = await Volumes.ReferenceReader.ReadAsync(pod, container, services.Objects, cancellationToken);
        var hostname = Volumes.PodFiles.Hostname(pod);
        var addressed = pod with { Status = pod.Status with { PodIP = record().Address, PodIPs = [new() { Ip = record().Address }], HostIP = $"{services.Options.NodeAddress}", HostIPs = [new() { Ip = $"{services.Options.NodeAddress}" }] } };
        var environment = ContainerEnvironment.Compile(addressed, container, references, services.Options.ApiServerForPods, hostname, out message);
        if (environment is null)
        {
            return Refuse(pod, run, "CreateContainerConfigError", message, TimeSpan.FromSeconds(2));
        }

        if (container.Command.Count == 0)
        {
            BuiltInEnvironment.Add(environment, addressed);
        }

        var command = Images.CommandLine(container, entryPoint, environment);
        if (command.Count == 0)
        {
            return Refuse(pod, run, "CreateContainerConfigError", "image \"host\" has no entry point: set command", TimeSpan.FromSeconds(10));
        }

        foreach (var mount in container.VolumeMounts)
        {
            if (pod.Spec.Volumes.All(volume => volume.Name != mount.Name))
            {
                return Refuse(pod, run, "CreateContainerConfigError", $"volumeMounts: volume \"{mount.Name}\" not found", TimeSpan.FromSeconds(10));
            }
        }

        await Task.WhenAll(run.Background);
        run.Background.Clear();
        Launch(pod, run, before, new()
        {
            Hostname = hostname,
            CommandLine = command,
            Environment = environment,
            WorkingDirectory = container.WorkingDir is { Length: > 0 } directory ? directory : null,
            Mounts = services.Files.Mounts(pod, record(), container),
            LogFile = "",
            ExitFile = "",
        });
        return null;
    }

    private DateTimeOffset Refuse(Pod pod, ContainerRun run, string reason, string message, TimeSpan retry)
    {
        if (run.Wait(reason, message))
        {
            services.Reports.Event(pod, true, reason == "ImagePullBackOff" ? "BackOff" : "Failed", $"Error: {message}");
        }

        run.NotBefore = Time.GetUtcNow() + retry;
        return run.NotBefore;
    }

    private void Launch(Pod pod, ContainerRun run, ContainerRecord? before, ContainerStart start)
    {
        var now = Time.GetUtcNow();
        var name = run.Container.Name;
        var files = new ContainerFiles(services.Store.DirectoryOf(record().Id, name));
        var restarts = before is null ? 0 : before.RestartCount + 1;
        var fresh = new ContainerRecord
        {
            Name = name,
            Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)),
            IsInit = run.IsInit,
            Image = run.Container.Image ?? "",
            RestartCount = restarts,
            BackOffs = before?.Ended is { } last ? BackOff.Next(before.BackOffs, before.StartedAt, last.FinishedAt) : 0,
            StartedAt = now,
            Previous = before?.Ended,
            Started = run.Container.StartupProbe is null,
            HookDone = run.Container.Lifecycle?.PostStart is null,
        };
        files.Prepare(restarts);
        run.StopWaiting();
        run.IsStopping = false;
        run.Ready = false;
        try
        {
            var process = services.Runtime.Start(record(), start with { LogFile = files.Log(restarts), ExitFile = files.Exit(restarts) });
            fresh = fresh with { Pid = process.Pid, PidStartTime = process.StartTime };
        }
        catch (ContainerStartException refused)
        {
            // As upstream: 128 is what a runtime says that could not start the program.
            Save(fresh with { Ended = new() { Id = fresh.Id, ExitCode = 128, Reason = "StartError", Message = refused.Message, StartedAt = now, FinishedAt = now } });
            services.Reports.Event(pod, true, "Failed", $"Error: {refused.Message}");
            post(static () => { });
            return;
        }

        Save(fresh);
        services.Reports.Event(pod, false, "Pulled", $"Container image \"{fresh.Image}\" already present on machine");
        services.Reports.Event(pod, false, "Created", $"Created container: {name}");
        services.Reports.Event(pod, false, "Started", $"Started container {name}");
        Watch(run, fresh);
        EnsureLife(pod, run, fresh);
    }

    private void Watch(ContainerRun run, ContainerRecord started)
    {
        var files = new ContainerFiles(services.Store.DirectoryOf(record().Id, started.Name));
        run.IsWatched = true;
        run.Exit = services.Runtime.WaitAsync(started, files.Exit(started.RestartCount), CancellationToken.None);
        run.Life = new();
        run.Exit.GetAwaiter().OnCompleted(() => post(() => OnExited(run, started)));
    }

    private void OnExited(ContainerRun run, ContainerRecord started)
    {
        run.Life?.Cancel();
        run.IsWatched = false;
        run.Ready = false;
        var code = run.Exit.IsCompletedSuccessfully ? run.Exit.Result : 128 + 9;
        var newest = record().Find(started.Name) ?? started;
        Save(newest with
        {
            Ended = new()
            {
                Id = newest.Id,
                ExitCode = code,
                Reason = code == 0 ? "Completed" : "Error",
                StartedAt = newest.StartedAt,
                FinishedAt = Time.GetUtcNow(),
            },
        });
    }

    private void Save(ContainerRecord container) => save(record().With(container));

    // Hook first, then probes; both end with the run.
    private void EnsureLife(Pod pod, ContainerRun run, ContainerRecord started)
    {
        if (run.Background.Count > 0 || run.IsStopping || run.Life is not { } life)
        {
            return;
        }

        run.Background.Add(LiveAsync(pod, run, started, life.Token));
    }

    private async Task LiveAsync(Pod pod, ContainerRun run, ContainerRecord started, CancellationToken life)
    {
        try
        {
            if (!started.HookDone && run.Container.Lifecycle?.PostStart is { } hook)
            {
                var failure = await HookRunner.RunAsync(
                    hook, run.Container, started, record().Address, services.Runtime, services.Prober, Time, life);
                post(() => OnHookDone(pod, run, started, failure));
                if (failure is not null)
                {
                    return;
                }
            }
            else
            {
                post(() => run.Ready = run.IsWatched && run.Container.ReadinessProbe is null && (record().Find(started.Name)?.Started ?? false));
            }

            await new ContainerProbes(
                run.Container, started, record().Address, services.Runtime, services.Prober, Time)
            {
                Observed = (schedule, failure) => post(() => OnProbe(pod, run, started.Id, schedule.Kind, schedule.Result, failure)),
            }.RunAsync(life);
        }
        catch (OperationCanceledException) when (life.IsCancellationRequested)
        {
            // The run is over.
        }
        catch (IOException problem)
        {
            post(() => services.Reports.Event(pod, true, "Failed", $"container {started.Name}: {problem.Message}"));
        }
    }

    private void OnHookDone(Pod pod, ContainerRun run, ContainerRecord started, string? failure)
    {
        if (record().Find(started.Name) is not { Ended: null } newest || newest.Id != started.Id)
        {
            return;
        }

        if (failure is null)
        {
            Save(newest with { HookDone = true });
            run.Ready = run.Container.ReadinessProbe is null && newest.Started;
            return;
        }

        services.Reports.Event(pod, true, "FailedPostStartHook", $"PostStartHook failed: {failure}");
        Restart(pod, run, "FailedPostStartHook");
    }

    private void OnProbe(Pod pod, ContainerRun run, string id, ProbeKind kind, bool? result, string? failure)
    {
        if (record().Find(run.Container.Name) is not { Ended: null } newest || newest.Id != id || run.IsStopping)
        {
            return;
        }

        if (failure is not null)
        {
            services.Reports.Event(pod, true, "Unhealthy", $"{kind} probe failed: {failure}");
        }

        switch (kind, result)
        {
            case (ProbeKind.Readiness, { } ready):
                run.Ready = ready;
                break;
            case (ProbeKind.Startup, true) when !newest.Started:
                Save(newest with { Started = true });
                run.Ready = run.Container.ReadinessProbe is null;
                break;
            case (_, false):
                Restart(pod, run, $"Container {run.Container.Name} failed {kind.ToString().ToLowerInvariant()} probe, will be restarted");
                break;
        }
    }

    private void Restart(Pod pod, ContainerRun run, string reason)
    {
        var limit = new StopLimit(Time);
        limit.Shorten(TimeSpan.FromSeconds(pod.Spec.TerminationGracePeriodSeconds ?? 30));
        BeginStop(pod, run, reason, limit.End, CancellationToken.None);
        run.Exit.GetAwaiter().OnCompleted(limit.Dispose);
    }

    private void BeginStop(Pod pod, ContainerRun run, string reason, CancellationToken limit, CancellationToken cancellationToken)
    {
        var running = record().Find(run.Container.Name)!;
        if (!run.IsStopping)
        {
            services.Reports.Event(pod, false, "Killing", reason);
            run.IsStopping = true;
            run.Life?.Cancel();
        }

        run.Background.Add(StopAsync(pod, run, running, limit, cancellationToken));
    }

    private async Task StopAsync(Pod pod, ContainerRun run, ContainerRecord running, CancellationToken limit, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(limit, cancellationToken);
        try
        {
            if (run.Container.Lifecycle?.PreStop is { } hook)
            {
                var failure = await HookRunner.RunAsync(
                    hook, run.Container, running, record().Address, services.Runtime, services.Prober, Time, patience.Token);
                if (failure is not null)
                {
                    services.Reports.Event(pod, true, "FailedPreStopHook", $"PreStopHook failed: {failure}");
                }
            }

            while (!services.Runtime.TryTerminate(running))
            {
                await Task.Delay(StartPoll, Time, patience.Token);
            }

            await run.Exit.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            services.Runtime.Kill(running);
        }
        catch (OperationCanceledException)
        {
            // The agent stops; the next one goes on.
        }
        catch (IOException problem)
        {
            services.Reports.Event(pod, true, "FailedKillPod", problem.Message);
            services.Runtime.Kill(running);
        }
    }
}
