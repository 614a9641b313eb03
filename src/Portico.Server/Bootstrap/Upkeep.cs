using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Portico.Server.Store;

namespace Portico.Server.Bootstrap;

/// <summary>What the server does by itself: keeps its own objects, and removes events an hour after they were last written.</summary>
internal sealed partial class Upkeep(
    IObjectStore store, ObjectKeeper keeper, IPEndPoint advertised, string clusterIp, TimeProvider time, ILogger<Upkeep> logger)
{
    // As kube-apiserver's --event-ttl.
    private static readonly TimeSpan EventLife = TimeSpan.FromHours(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static readonly string[][] EventTimes = [["series", "lastObservedTime"], ["lastTimestamp"], ["eventTime"], ["metadata", "creationTimestamp"]];

    public async Task KeepObjectsAsync(CancellationToken cancellationToken)
    {
        foreach (var (kind, item) in SystemObjects.All(advertised, clusterIp))
        {
            if (await keeper.KeepAsync(kind, item, cancellationToken) is { } refusal)
            {
                LogNotKept(refusal.Message ?? "");
            }
        }
    }

    /// <summary>Returns when cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await KeepObjectsAsync(cancellationToken);
                await ExpireEventsAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    public async Task ExpireEventsAsync()
    {
        var now = time.GetUtcNow();
        foreach (var stored in store.List("events")!.Objects)
        {
            if (now - LastWritten(stored, now) >= EventLife)
            {
                // Whoever writes it meanwhile wins: the removal is for this version only.
                await store.WriteAsync(new(stored.Key, stored.Revision, stored.Parse(), Delete: true));
            }
        }
    }

    private static DateTimeOffset LastWritten(StoredObject stored, DateTimeOffset now)
    {
        foreach (var path in EventTimes)
        {
            if (DateTimeOffset.TryParse(RawJson.Text(stored.Json, path), CultureInfo.InvariantCulture, out var written))
            {
                return written;
            }
        }

        return now;
    }

    [LoggerMessage(2010, LogLevel.Warning, "an object of the server's own could not be written: {Problem}")]
    private partial void LogNotKept(string problem);
}
