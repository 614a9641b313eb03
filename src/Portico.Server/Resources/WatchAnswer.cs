using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Portico.Api.Json;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Store;

namespace Portico.Server.Resources;

/// <summary>A stream of changes, one JSON line each, until its time is over, its reader is gone or the server stops.</summary>
internal sealed class WatchAnswer(
    ResourceRequest request,
    ObjectSelector selector,
    IWatchRenderer renderer,
    IChangeCursor cursor,
    IEnumerable<StoredObject> initial,
    TimeProvider time,
    CancellationToken stopping) : Answer
{
    private const int FlushAt = 64 * 1024;

    private static readonly TimeSpan BookmarkEvery = TimeSpan.FromMinutes(1);

    private long _told;

    public override async Task WriteAsync(HttpContext context, CancellationToken cancellationToken)
    {
        // Upstream ends watches after 30 to 60 minutes, so that load finds its way to new servers.
        var seconds = request.Query.TimeoutSeconds is { } asked and > 0 ? asked : Random.Shared.Next(1800, 3600);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping, timeout.Token);
        context.Response.ContentType = "application/json";
        // The header must be out before the first event: clients wait for it to know that the watch holds.
        await context.Response.StartAsync(cancellationToken);
        var writer = context.Response.BodyWriter;
        try
        {
            await WriteInitialAsync(writer, end.Token);
            await writer.FlushAsync(end.Token);
            await FollowAsync(writer, end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // An orderly end. The last bookmark lets the client resume where it is.
            if (request.Query.AllowWatchBookmarks && cursor.Revision > _told)
            {
                WriteLine(writer, "BOOKMARK"u8, renderer.Bookmark(cursor.Revision, false));
            }

            await writer.FlushAsync(CancellationToken.None);
        }
    }

    private async Task WriteInitialAsync(PipeWriter writer, CancellationToken cancellationToken)
    {
        foreach (var item in initial)
        {
            if (selector.Matches(item))
            {
                WriteLine(writer, "ADDED"u8, renderer.Object(item));
                await FlushWhenFullAsync(writer, cancellationToken);
            }
        }

        if (request.Query is { SendInitialEvents: true, AllowWatchBookmarks: true })
        {
            WriteBookmark(writer, endOfInitialEvents: true);
        }
    }

    private async Task FollowAsync(PipeWriter writer, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (cursor.IsExpired)
            {
                var status = Refusal.Expired($"too old resource version: {cursor.Revision}");
                WriteLine(writer, "ERROR"u8, JsonSerializer.SerializeToUtf8Bytes(status, ApiJson.TypeInfo<Status>()));
                await writer.FlushAsync(cancellationToken);
                return;
            }

            if (cursor.Next() is { } change)
            {
                WriteChange(writer, change);
                await FlushWhenFullAsync(writer, cancellationToken);
                continue;
            }

            await writer.FlushAsync(cancellationToken);
            await WaitAsync(writer, cancellationToken);
        }
    }

    private async Task WaitAsync(PipeWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            await cursor.WaitAsync(request.Query.AllowWatchBookmarks ? BookmarkEvery : Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What came meanwhile at other resources moves the place on as well.
            if (cursor.Next() is { } change)
            {
                WriteChange(writer, change);
            }
            else if (cursor.Revision > _told)
            {
                WriteBookmark(writer, endOfInitialEvents: false);
                await writer.FlushAsync(cancellationToken);
            }
        }
    }

    private void WriteChange(PipeWriter writer, StoreChange change)
    {
        var was = change.Before is { } before && selector.Matches(before);
        var @is = change.After is { } after && selector.Matches(after);
        switch (was, @is)
        {
            case (false, true):
                WriteLine(writer, "ADDED"u8, renderer.Object(change.After!));
                break;
            case (true, true):
                WriteLine(writer, "MODIFIED"u8, renderer.Object(change.After!));
                break;
            case (true, false):
                // The last state that the client could see, with the revision at which it went out of sight.
                WriteLine(writer, "DELETED"u8, renderer.Object(change.Removed ?? Departed(change)));
                break;
            default:
                return;
        }

        _told = change.Revision;
    }

    private static StoredObject Departed(StoreChange change)
    {
        var last = change.Before!.Parse();
        last.Metadata()["resourceVersion"] = change.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new(change.Before.Key, change.Revision, RawJson.Bytes(last));
    }

    private void WriteBookmark(PipeWriter writer, bool endOfInitialEvents)
    {
        WriteLine(writer, "BOOKMARK"u8, renderer.Bookmark(cursor.Revision, endOfInitialEvents));
        _told = cursor.Revision;
    }

    private static void WriteLine(PipeWriter writer, ReadOnlySpan<byte> type, ReadOnlyMemory<byte> item)
    {
        writer.Write("{\"type\":\""u8);
        writer.Write(type);
        writer.Write("\",\"object\":"u8);
        writer.Write(item.Span);
        writer.Write("}\n"u8);
    }

    private static async ValueTask FlushWhenFullAsync(PipeWriter writer, CancellationToken cancellationToken)
    {
        if (writer.UnflushedBytes >= FlushAt)
        {
            await writer.FlushAsync(cancellationToken);
        }
    }
}
