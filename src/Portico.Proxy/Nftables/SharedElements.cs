using System.Runtime.InteropServices;
using Portico.Net.Nftables;

namespace Portico.Proxy.Nftables;

/// <summary>Counts how many frontends want an element.</summary>
internal sealed class SharedElements
{
    private readonly Dictionary<SetElement, int> _counts = [];

    public IReadOnlyCollection<SetElement> All => _counts.Keys;

    public void Add(IReadOnlyList<SetElement> elements)
    {
        foreach (var element in elements)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, element, out _)++;
        }
    }

    /// <summary>Moves the counts, and tells which elements thereby came or went.</summary>
    public void Move(IReadOnlyList<SetElement> from, IReadOnlyList<SetElement> to, List<SetElement> delete, List<SetElement> add)
    {
        var touched = new Dictionary<SetElement, bool>();
        foreach (var element in from)
        {
            touched[element] = true;
            _counts[element]--;
        }

        foreach (var element in to)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, element, out _);
            touched.TryAdd(element, count > 0);
            count++;
        }

        foreach (var (element, present) in touched)
        {
            var wanted = _counts[element] > 0;
            if (!wanted)
            {
                _counts.Remove(element);
            }

            if (present != wanted)
            {
                (wanted ? add : delete).Add(element);
            }
        }
    }
}
