using System.Collections.Immutable;

namespace Portico.Server.Store;

/// <summary>Objects of a resource, in order, at one revision.</summary>
internal sealed record StoreListing(long Revision, ImmutableSortedSet<StoredObject> Objects)
{
    /// <summary>The objects of a namespace ("" for all), those after <paramref name="after"/> when it is given.</summary>
    public IEnumerable<StoredObject> In(string @namespace, StoreKey? after = null)
    {
        for (var index = Start(@namespace, after); index < Objects.Count; index++)
        {
            var item = Objects[index];
            if (@namespace.Length > 0 && item.Key.Namespace != @namespace)
            {
                yield break;
            }

            yield return item;
        }
    }

    private int Start(string @namespace, StoreKey? after)
    {
        if (after is { } last)
        {
            var at = Objects.IndexOf(new StoredObject(last, 0, []));
            return at < 0 ? ~at : at + 1;
        }

        // No object has an empty name, so this is where the namespace begins.
        var first = Objects.IndexOf(new StoredObject(new("", @namespace, ""), 0, []));
        return first < 0 ? ~first : first;
    }
}
