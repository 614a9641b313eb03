using System.Globalization;
using Microsoft.Extensions.Logging;
using Portico.Addresses.Pools;
using Portico.Addresses.Services;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Events;
using Portico.Client.Loops;
using Portico.Client.Requests;
using Portico.Net.Packets;

namespace Portico.Addresses.Allocations;

/// <summary>Keeps every LoadBalancer Service's status at what <see cref="Allocation"/> gives it. One at a time in a cluster: run it under a lease.</summary>
public sealed partial class AddressAllocator
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(10);

    private readonly KubernetesClient _client;
    private readonly ObjectCache<Service> _services;
    private readonly ObjectIndex<Service> _concerned;
    private readonly AddressPool _pool;
    private readonly EventRecorder _events;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Signal _changed = new();

    // What we wrote and the cache does not show yet. Without it a second pass could give the same address again.
    private Dictionary<ObjectKey, Service> _written = [];

    public AddressAllocator(
        KubernetesClient client, ObjectCache<Service> services, AddressPool pool, EventRecorder events, ILoggerFactory loggers, TimeProvider time)
    {
        _client = client;
        _services = services;
        _pool = pool;
        _events = events;
        _logger = loggers.CreateLogger<AddressAllocator>();
        _time = time;
        _concerned = new ObjectIndex<Service>(services, static service => IsConcerned(service) ? "" : null);
        services.Changed += change =>
        {
            if ((change.Old is { } old && IsConcerned(old)) || (change.New is { } now && IsConcerned(now)))
            {
                _changed.Set();
            }
        };
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken) =>
        await BackgroundLoop.RunAsync("address allocator", AllocateAsync, _logger, _time, cancellationToken);

    // Any Service that shows an address: also what is not ours blocks what it shows.
    private static bool IsConcerned(Service service) => service.IsOurs || service.IsMarked || service.Address is not null;

    private async Task AllocateAsync(CancellationToken cancellationToken)
    {
        // Nothing is given out before everything that was given out earlier is known.
        await _services.Synced.WaitAsync(cancellationToken);
        _changed.Set();
        var retry = FirstRetry;
        while (true)
        {
            await _changed.WaitAsync(cancellationToken);
            if (await PassAsync(cancellationToken))
            {
                retry = FirstRetry;
                continue;
            }

            await Task.Delay(retry, _time, cancellationToken);
            retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
            _changed.Set();
        }
    }

    /// <returns>False when a Service could not be written and has to be tried again.</returns>
    private async Task<bool> PassAsync(CancellationToken cancellationToken)
    {
        var services = Current();
        var plan = Allocation.Compute(services, _pool);
        var complete = true;
        foreach (var service in services)
        {
            var key = ObjectKey.Of(service);
            IPv4? address = plan.Assignments.TryGetValue(key, out var assigned) ? assigned : null;
            try
            {
                await WriteAsync(service, address, plan.Problems.GetValueOrDefault(key), cancellationToken);
            }
            catch (Exception failure) when (failure is KubernetesException or HttpRequestException or IOException)
            {
                LogNotWritten(key, failure.Message);
                complete = false;
            }
        }

        return complete;
    }

    /// <summary>The mark in status is the first thing written and the last taken away, so a crash in between leaves nothing that nobody feels responsible for.</summary>
    private async Task WriteAsync(Service service, IPv4? address, string? problem, CancellationToken cancellationToken)
    {
        if (service.WantsAddress)
        {
            var told = await PatchStatusAsync(service, address, problem, cancellationToken);
            await PatchFinalizerAsync(told, cancellationToken);
        }
        else if (await PatchFinalizerAsync(service, cancellationToken) is { } released)
        {
            await PatchStatusAsync(released, null, null, cancellationToken);
        }
    }

    private async Task<Service> PatchStatusAsync(Service service, IPv4? address, string? problem, CancellationToken cancellationToken)
    {
        var patch = AllocationPatch.Status(service, address, problem, _pool.ToString(), _time.GetUtcNow());
        if (patch is null)
        {
            return service;
        }

        var key = ObjectKey.Of(service);
        var written = await _client.PatchAsync(KnownKinds.Services, key, PatchType.Merge, patch, "status", cancellationToken);
        if (written.IsNotFound)
        {
            return service;
        }

        var now = _written[key] = written.OrThrow();
        Report(service, now);
        return now;
    }

    /// <returns>Null: with its finalizer the Service itself went away.</returns>
    private async Task<Service?> PatchFinalizerAsync(Service service, CancellationToken cancellationToken)
    {
        if (AllocationPatch.Finalizer(service) is not { } patch)
        {
            return service;
        }

        var key = ObjectKey.Of(service);
        var written = await _client.PatchAsync(KnownKinds.Services, key, PatchType.Merge, patch, null, cancellationToken);
        if (written.IsNotFound)
        {
            return null;
        }

        var now = written.OrThrow();
        if (now.Metadata.DeletionTimestamp is not null)
        {
            LogReleased(key, service.Address?.ToString());
            return null;
        }

        return _written[key] = now;
    }

    private void Report(Service before, Service now)
    {
        var key = ObjectKey.Of(now);
        if (now.Address is { } address && address != before.Address)
        {
            _events.Normal(now, AllocationPatch.ReasonAllocated, $"{address} of the pool {_pool}");
            LogAllocated(key, address);
        }
        else if (now.Address is null && before.Address is { } released)
        {
            LogReleased(key, released.ToString());
        }

        if (now.AllocationCondition is { Status: "False", Message: { } problem } && problem != before.AllocationCondition?.Message)
        {
            _events.Warning(now, AllocationPatch.ReasonFailed, problem);
            LogProblem(key, problem);
        }
    }

    private List<Service> Current()
    {
        var services = _concerned[""].ToList();
        var newer = new Dictionary<ObjectKey, Service>();
        for (var i = 0; i < services.Count; i++)
        {
            var cached = services[i];
            var key = ObjectKey.Of(cached);
            if (_written.TryGetValue(key, out var written) && written.Metadata.Uid == cached.Metadata.Uid && Version(written) > Version(cached))
            {
                newer[key] = services[i] = written;
            }
        }

        _written = newer;
        return services;
    }

    private static ulong Version(Service service) =>
        ulong.TryParse(service.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    [LoggerMessage(6000, LogLevel.Information, "service {Service}: has {Address}")]
    private partial void LogAllocated(ObjectKey service, IPv4 address);

    [LoggerMessage(6001, LogLevel.Information, "service {Service}: {Address} is free again")]
    private partial void LogReleased(ObjectKey service, string? address);

    [LoggerMessage(6002, LogLevel.Warning, "service {Service}: {Problem}")]
    private partial void LogProblem(ObjectKey service, string problem);

    [LoggerMessage(6003, LogLevel.Debug, "service {Service}: could not be written, will be tried again: {Reason}")]
    private partial void LogNotWritten(ObjectKey service, string reason);
}
