using System.Runtime.InteropServices;
using Portico.Net.Nftables;
using Identity = (string Set, Portico.Net.Nftables.ElementBytes Key, Portico.Net.Nftables.ElementBytes KeyEnd);

namespace Portico.Proxy.Nftables;

/// <summary>
/// Counts how many frontends want an element. Where they want different data for one key, there is no element: nothing says whose is right.
/// </summary>
internal sealed class SharedElements
{
    private readonly Dictionary<Identity, List<Wish>> _claims = [];

    public IEnumerable<SetElement> All => _claims.Values.Where(claims => claims.Count == 1).Select(claims => claims[0].Element);

    public void Add(IReadOnlyList<SetElement> elements)
    {
        foreach (var element in elements)
        {
            Claim(element);
        }
    }

    /// <summary>Moves the counts, and tells which elements thereby came or went.</summary>
    public void Move(IReadOnlyList<SetElement> from, IReadOnlyList<SetElement> to, List<SetElement> delete, List<SetElement> add)
    {
        var touched = new Dictionary<Identity, SetElement?>();
        foreach (var element in from)
        {
            touched.TryAdd(element.Identity, Find(element.Identity));
            Release(element);
        }

        foreach (var element in to)
        {
            touched.TryAdd(element.Identity, Find(element.Identity));
            Claim(element);
        }

        foreach (var (identity, before) in touched)
        {
            var after = Find(identity);
            if (before != after)
            {
                AddTo(delete, before);
                AddTo(add, after);
            }
        }

        static void AddTo(List<SetElement> list, SetElement? element)
        {
            if (element is { } some)
            {
                list.Add(some);
            }
        }
    }

    private SetElement? Find(Identity identity) => _claims.TryGetValue(identity, out var claims) && claims.Count == 1 ? claims[0].Element : null;

    private void Claim(SetElement element)
    {
        ref var claims = ref CollectionsMarshal.GetValueRefOrAddDefault(_claims, element.Identity, out _);
        claims ??= new(1);
        var index = claims.FindIndex(claim => claim.Element == element);
        if (index < 0)
        {
            claims.Add(new(element, 1));
        }
        else
        {
            claims[index] = new(element, claims[index].Count + 1);
        }
    }

    private void Release(SetElement element)
    {
        var claims = _claims[element.Identity];
        var index = claims.FindIndex(claim => claim.Element == element);
        if (claims[index].Count > 1)
        {
            claims[index] = new(element, claims[index].Count - 1);
        }
        else if (claims.Count > 1)
        {
            claims.RemoveAt(index);
        }
        else
        {
            _claims.Remove(element.Identity);
        }
    }

    private readonly record struct Wish(SetElement Element, int Count);
}
