using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Statuses;
using Portico.Client.Loops;
using Portico.Client.Requests;

namespace Portico.Client.Caches;

/// <summary>Keeps an <see cref="ObjectCache{T}"/> equal to the API server: list, watch, resume, and list again after 410.</summary>
public sealed partial class Reflector<T>(
    KubernetesClient client, ResourceKind<T> kind, ListOptions options, ILogger logger, TimeProvider? time = null)
    where T : class, IObject
{
    public ObjectCache<T> Cache { get; } = new();

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        BackgroundLoop.RunAsync($"reflector {kind.Resource.Plural}", ListAndWatchAsync, logger, time ?? TimeProvider.System, cancellationToken);

    private async Task ListAndWatchAsync(CancellationToken cancellationToken)
    {
        var list = (await client.ListAsync(kind, options, cancellationToken)).OrThrow();
        Cache.Replace(list.Items);
        LogListed(kind.Resource.Plural, list.Items.Count);
        var version = list.Metadata.ResourceVersion ?? "";
        while (true)
        {
            try
            {
                await foreach (var change in client.WatchAsync(kind, options, version, cancellationToken))
                {
                    Apply(change);
                    version = change.Object.Metadata.ResourceVersion ?? version;
                }
            }
            catch (KubernetesException refused) when (refused.Status is { Code: 410 } or { Reason: StatusReasons.Expired or StatusReasons.Gone })
            {
                LogExpired(kind.Resource.Plural, version);
                return;
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
}
