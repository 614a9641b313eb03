using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Requests;

namespace Portico.Client.Events;

/// <summary>
/// Writes Events beside objects. Recording never blocks or fails the caller; the same event again only raises the count of the first.
/// </summary>
public sealed partial class EventRecorder(KubernetesClient client, string component, string? host, ILogger logger, TimeProvider time)
{
    // Forgetting one costs an object beside the counted one, no more.
    private const int MaxRemembered = 4096;

    // Bounded: events are a courtesy, and the newest matter least when there are this many.
    private readonly Channel<Entry> _entries = Channel.CreateBounded<Entry>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<(string Uid, string Type, string Reason, string Message), (ObjectKey Key, int Count)> _written = [];
    private long _sequence = time.GetUtcNow().UtcTicks;

    public void Normal(IObject regarding, string reason, string message) => Record(regarding, "Normal", reason, message);

    public void Warning(IObject regarding, string reason, string message) => Record(regarding, "Warning", reason, message);

    /// <summary>Takes nothing more: <see cref="RunAsync"/> ends when all is written.</summary>
    public void Complete() => _entries.Writer.TryComplete();

    /// <summary>Writes what was recorded, until cancelled or complete.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var entry in _entries.Reader.ReadAllAsync(cancellationToken))
            {
                await WriteAsync(entry, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private void Record(IObject regarding, string type, string reason, string message) =>
        _entries.Writer.TryWrite(new(regarding, type, reason, message, time.GetUtcNow()));

    private async Task WriteAsync(Entry entry, CancellationToken cancellationToken)
    {
        var identity = (entry.Regarding.Metadata.Uid ?? "", entry.Type, entry.Reason, entry.Message);
        try
        {
            if (_written.TryGetValue(identity, out var known))
            {
                var patch = new JsonObject { ["count"] = known.Count + 1, ["lastTimestamp"] = TimeConverter.Format(entry.At) };
                var patched = await client.PatchAsync(KnownKinds.Events, known.Key, PatchType.Merge, patch, null, cancellationToken);
                if (patched.Failure is null)
                {
                    _written[identity] = (known.Key, known.Count + 1);
                    return;
                }
            }

            var created = await client.CreateAsync(KnownKinds.Events, Event(entry), cancellationToken);
            if (created.Value is { } value)
            {
                if (_written.Count >= MaxRemembered)
                {
                    _written.Clear();
                }

                _written[identity] = (ObjectKey.Of(value), 1);
            }
            else
            {
                LogRefused(entry.Reason, entry.Regarding.Metadata.Name, created.Failure!.Message);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // An event that can't be written must not stop the ones behind it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogRefused(entry.Reason, entry.Regarding.Metadata.Name, failure.Message);
        }
    }

    private Event Event(Entry entry)
    {
        var meta = entry.Regarding.Metadata;
        return new()
        {
            Metadata = new()
            {
                // As upstream: name of the object and a number that does not repeat.
                Name = $"{meta.Name}.{(_sequence++).ToString("x", CultureInfo.InvariantCulture)}",
                Namespace = meta.Namespace.Length > 0 ? meta.Namespace : "default",
            },
            InvolvedObject = new()
            {
                ApiVersion = entry.Regarding.ApiVersion,
                Kind = entry.Regarding.Kind,
                Namespace = meta.Namespace.Length > 0 ? meta.Namespace : null,
                Name = meta.Name,
                Uid = meta.Uid,
                ResourceVersion = meta.ResourceVersion,
            },
            Type = entry.Type,
            Reason = entry.Reason,
            Message = entry.Message,
            Count = 1,
            FirstTimestamp = entry.At,
            LastTimestamp = entry.At,
            Source = new() { Component = component, Host = host },
            ReportingComponent = component,
            ReportingInstance = host,
        };
    }

    [LoggerMessage(1020, LogLevel.Debug, "event {Reason} on {Name} was not written: {Message}")]
    private partial void LogRefused(string reason, string name, string? message);

    private readonly record struct Entry(IObject Regarding, string Type, string Reason, string Message, DateTimeOffset At);
}
