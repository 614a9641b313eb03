using System.Globalization;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Store;
using Portico.Server.Tables;

namespace Portico.Server.Resources;

/// <summary>Answers get and list.</summary>
internal sealed class ObjectReader(IObjectStore store, TimeProvider time)
{
    private const string ExpiredContinue =
        "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.";

    public Answer Get(ResourceRequest request) => store.Get(request.Key) is { } item
        ? Show(request, item)
        : Answer.Refuse(Refusal.NotFound(request.Kind, request.Name));

    /// <summary>One object in the form that the client wants.</summary>
    public Answer Show(ResourceRequest request, StoredObject item, int code = 200) => request.Form switch
    {
        ObjectForm.Table => Answer.Json(new TableRenderer(request, time).Table([item], item.Revision, "", null), code),
        ObjectForm.Metadata => Answer.Json(PartialMetadata.Of(item), code),
        _ => Answer.Json(item.Json, code),
    };

    public Answer List(ResourceRequest request)
    {
        if (!ObjectSelector.TryRead(request, out var selector, out var refusal) || !TryPage(request, selector, out var page, out refusal))
        {
            return Answer.Refuse(refusal!);
        }

        return request.Form switch
        {
            ObjectForm.Table => Answer.Json(new TableRenderer(request, time).Table(page.Items, page.Revision, page.Continue, page.Remaining)),
            ObjectForm.Metadata => new ListAnswer("meta.k8s.io/v1", "PartialObjectMetadataList", page, PartialMetadata.Of),
            _ => new ListAnswer(request.Kind.ApiVersion, $"{request.Kind.Kind}List", page, static item => item.Json),
        };
    }

    private bool TryPage(ResourceRequest request, ObjectSelector selector, out ListPage page, out Status? refusal)
    {
        page = new(0, [], "", null);
        if (!TryPlace(request, out var revision, out var after, out refusal))
        {
            return false;
        }

        if (store.List(request.Kind.GroupResource, revision) is not { } listing)
        {
            refusal = Refusal.Expired(after is null ? $"too old resource version: {revision}" : ExpiredContinue);
            return false;
        }

        var items = new List<StoredObject>();
        var more = 0;
        foreach (var item in listing.In(request.Namespace, after))
        {
            if (!selector.Matches(item))
            {
                continue;
            }

            if (request.Query.Limit == 0 || items.Count < request.Query.Limit)
            {
                items.Add(item);
            }
            else if (++more > 0 && !selector.IsEverything)
            {
                break;
            }
        }

        var next = more > 0 ? new ContinueToken(listing.Revision, items[^1].Key.Namespace, items[^1].Key.Name).Encode() : "";
        page = new(listing.Revision, items, next, more > 0 && selector.IsEverything ? more : null);
        return true;
    }

    private bool TryPlace(ResourceRequest request, out long? revision, out StoreKey? after, out Status? refusal)
    {
        (revision, after, refusal) = (null, null, null);
        var query = request.Query;
        if (query.Continue.Length > 0)
        {
            if (!ContinueToken.TryDecode(query.Continue, out var token) || token.Revision > store.Revision)
            {
                refusal = Refusal.BadRequest("continue key is not valid");
                return false;
            }

            (revision, after) = (token.Revision, token.Key(request.Kind.GroupResource));
            return true;
        }

        if (query.ResourceVersion is "" or "0")
        {
            return true;
        }

        if (!long.TryParse(query.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var asked))
        {
            refusal = Refusal.BadRequest($"resourceVersion: Invalid value: \"{query.ResourceVersion}\"");
            return false;
        }

        if (asked > store.Revision)
        {
            refusal = Refusal.TooLargeRevision(asked, store.Revision);
            return false;
        }

        // What is newest is never older than what was asked for.
        revision = query.ResourceVersionMatch == "Exact" ? asked : null;
        return true;
    }
}
