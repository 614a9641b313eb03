using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Statuses;
using Portico.Client.Loops;
using Portico.Client.Requests;

namespace Portico.Client.Caches;

/// <summary>
/// Keeps an <see cref="ObjectCache{T}"/> equal to the API server: lists once, watches, and takes a broken watch up again where it ended.
/// Only 410, a refusal, or a line that can't be read leads to a new list.
/// </summary>
public sealed partial class Reflector<T>(
    KubernetesClient client, ResourceKind<T> kind, ListOptions options, ILogger logger, TimeProvider? time = null)
    where T : class, IObject
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    // An absent kind comes with a new release of the server, or with another role.
    private static readonly TimeSpan AbsentDelay = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    private bool _wasBarren;

    public ObjectCache<T> Cache { get; } = new();

    /// <summary>A server that does not have the kind, or does not let us read it, is one without such objects; it is asked again now and then.</summary>
    public bool MayBeAbsent { get; init; }

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        BackgroundLoop.RunAsync($"reflector {kind.Resource.Plural}", ListAndWatchAsync, logger, _time, cancellationToken);

    private static bool IsExpired(Status status) => status is { Code: 410 } or { Reason: StatusReasons.Expired or StatusReasons.Gone };

    // The server is overloaded or going away; what was seen up to now stays true.
    private static bool IsPassing(Exception failure) => failure switch
    {
        KubernetesException refused => refused.Status.Code is 429 or >= 500,
        HttpRequestException or IOException => true,
        OperationCanceledException => true, // the connection's own time limit
        _ => false,
    };

    private static TimeSpan Next(TimeSpan delay) =>
        delay == TimeSpan.Zero ? FirstDelay : delay * 2 < LongestDelay ? delay * 2 : LongestDelay;

    private async Task ListAndWatchAsync(CancellationToken cancellationToken)
    {
        var answer = await client.ListAsync(kind, options, cancellationToken);
        if (MayBeAbsent && answer.Failure is { Code: 403 or 404 } absent)
        {
            LogAbsent(kind.Resource.Plural, absent.Message);
            if (!Cache.Synced.IsCompleted)
            {
                Cache.Replace([]);
            }

            await Task.Delay(AbsentDelay, _time, cancellationToken);
            return;
        }

        var list = answer.OrThrow();
        var version = list.Metadata.ResourceVersion ?? "";
        Cache.Replace(list.Items, version);
        LogListed(kind.Resource.Plural, list.Items.Count);
        var delay = TimeSpan.Zero;
        var seen = false;
        while (true)
        {
            var before = version;
            var started = _time.GetTimestamp();
            try
            {
                await foreach (var change in client.WatchAsync(kind, options, version, cancellationToken))
                {
                    Apply(change);
                    version = change.Object.Metadata.ResourceVersion ?? version;
                    Cache.Advance(version);
                }
            }
            catch (KubernetesException refused) when (IsExpired(refused.Status))
            {
                LogExpired(kind.Resource.Plural, version);
                var barren = !seen && version == before;
                if (barren && _wasBarren)
                {
                    // A server that says 410 to what it just listed is not asked in a tight circle.
                    await Task.Delay(LongestDelay, _time, cancellationToken);
                }

                _wasBarren = barren;
                return;
            }
            catch (Exception failure) when (IsPassing(failure) && !cancellationToken.IsCancellationRequested)
            {
                LogBroken(kind.Resource.Plural, version, failure.Message);
            }

            // A watch that lasted or brought something is taken up again at once; one that did not, after a growing pause.
            seen |= version != before;
            delay = version != before || _time.GetElapsedTime(started) > LongestDelay ? TimeSpan.Zero : Next(delay);
            if (delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, _time, cancellationToken);
            }
        }
    }

    private void Apply(WatchEvent<T> change)
    {
        switch (change.Type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                Cache.Set(change.Object);
                break;
            case WatchEventType.Deleted:
                Cache.Remove(ObjectKey.Of(change.Object));
                break;
        }
    }

    [LoggerMessage(1001, LogLevel.Debug, "{Resource}: listed {Count} objects")]
    private partial void LogListed(string resource, int count);

    [LoggerMessage(1002, LogLevel.Debug, "{Resource}: version {Version} is too old, listing again")]
    private partial void LogExpired(string resource, string version);

    [LoggerMessage(1004, LogLevel.Debug, "{Resource}: not to be had, going on without: {Message}")]
    private partial void LogAbsent(string resource, string? message);

    [LoggerMessage(1003, LogLevel.Debug, "{Resource}: watch broke at version {Version}, taking it up again: {Message}")]
    private partial void LogBroken(string resource, string version, string message);
}
