using Portico.Net.Nftables;

namespace Portico.Proxy.Nftables;

/// <summary>Elements by identity, and the difference of two of them.</summary>
internal sealed class ElementSet
{
    private readonly Dictionary<(string Set, ElementBytes Key, ElementBytes KeyEnd), SetElement> _elements;

    public ElementSet(IReadOnlyCollection<SetElement> elements)
    {
        _elements = new(elements.Count);
        foreach (var element in elements)
        {
            _elements[element.Identity] = element;
        }
    }

    /// <summary>What must be deleted and added to make <paramref name="before"/> this. An element with other data is both.</summary>
    public void Difference(ElementSet before, List<SetElement> delete, List<SetElement> add)
    {
        foreach (var (identity, element) in before._elements)
        {
            if (!_elements.TryGetValue(identity, out var wanted) || wanted != element)
            {
                delete.Add(element);
            }
        }

        foreach (var (identity, element) in _elements)
        {
            if (!before._elements.TryGetValue(identity, out var present) || present != element)
            {
                add.Add(element);
            }
        }
    }
}
