using System.Globalization;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Store;
using Portico.Server.Tables;

namespace Portico.Server.Resources;

/// <summary>Answers watch.</summary>
/// <param name="stopping">Ends every watch.</param>
internal sealed class ObjectWatcher(IObjectStore store, TimeProvider time, CancellationToken stopping)
{
    public Answer Watch(ResourceRequest request)
    {
        if (!ObjectSelector.TryRead(request, out var selector, out var refusal) || !TryStart(request, out var cursor, out var initial, out refusal))
        {
            return Answer.Refuse(refusal!);
        }

        return new WatchAnswer(request, selector, Renderer(request), cursor!, initial, time, stopping);
    }

    private IWatchRenderer Renderer(ResourceRequest request) => request.Form switch
    {
        ObjectForm.Table => new TableRenderer(request, time),
        ObjectForm.Metadata => new MetadataRenderer(),
        _ => new WholeRenderer(request.Kind),
    };

    private bool TryStart(ResourceRequest request, out IChangeCursor? cursor, out IEnumerable<StoredObject> initial, out Status? refusal)
    {
        (cursor, initial, refusal) = (null, [], null);
        var (resource, asked) = (request.Kind.GroupResource, request.Query.ResourceVersion);
        if (asked is "" or "0" || request.Query.SendInitialEvents)
        {
            var listing = store.List(resource)!;
            initial = listing.In(request.Namespace);
            cursor = store.Watch(resource, listing.Revision);
        }
        else if (!long.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            refusal = Refusal.BadRequest($"resourceVersion: Invalid value: \"{asked}\"");
        }
        else if (revision > store.Revision)
        {
            // A client of an earlier life of this store: only a new list helps it.
            refusal = Refusal.Expired($"too large resource version: {revision} ({store.Revision})");
        }
        else
        {
            cursor = store.Watch(resource, revision);
            refusal = cursor is null ? Refusal.Expired($"too old resource version: {revision} ({store.Revision})") : null;
        }

        return cursor is not null;
    }
}
