namespace Portico.Server.Allocation;

/// <summary>
/// Numbers of a range, each owned once. A number that nobody asked for by name comes from the upper band while there is one,
/// so that the lower band stays for those who choose (KEP-3070, KEP-3668).
/// </summary>
/// <param name="band">Size of the lower band.</param>
/// <param name="unasked">Numbers that are never given out unasked.</param>
internal sealed class NumberPool(int min, int max, int band, Random random, params IReadOnlyList<int> unasked)
{
    private readonly HashSet<int> _taken = [];
    private readonly Lock _lock = new();

    public int Min { get; } = min;

    /// <summary>Inclusive.</summary>
    public int Max { get; } = max;

    public bool Contains(int number) => number >= Min && number <= Max;

    /// <summary>False when somebody owns it.</summary>
    public bool TryTake(int number)
    {
        lock (_lock)
        {
            return _taken.Add(number);
        }
    }

    /// <summary>Null when none is left.</summary>
    public int? TakeAny()
    {
        lock (_lock)
        {
            var split = Math.Min(Min + band, Max + 1);
            return TakeBetween(split, Max) ?? TakeBetween(Min, split - 1);
        }
    }

    public void Release(int number)
    {
        lock (_lock)
        {
            _taken.Remove(number);
        }
    }

    private int? TakeBetween(int first, int last)
    {
        var size = last - first + 1;
        if (size <= 0)
        {
            return null;
        }

        var start = random.Next(size);
        for (var i = 0; i < size; i++)
        {
            var number = first + ((start + i) % size);
            if (!unasked.Contains(number) && _taken.Add(number))
            {
                return number;
            }
        }

        return null;
    }
}
