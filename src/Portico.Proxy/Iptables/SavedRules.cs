namespace Portico.Proxy.Iptables;

/// <summary>What <c>iptables-save</c> printed: chains and their rules, without counters.</summary>
internal sealed class SavedRules
{
    private readonly Dictionary<ChainId, List<string>> _chains = [];

    private SavedRules()
    {
    }

    public IEnumerable<ChainId> Chains => _chains.Keys;

    public IReadOnlyList<string>? this[ChainId chain] => _chains.GetValueOrDefault(chain);

    public static SavedRules Parse(string text)
    {
        var saved = new SavedRules();
        var table = "";
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("*"))
            {
                table = line[1..].ToString();
            }
            else if (line.StartsWith(":"))
            {
                saved._chains[new(table, Word(line[1..]))] = [];
            }
            else if (line.StartsWith("-A "))
            {
                var chain = Word(line[3..]);
                if (saved._chains.TryGetValue(new(table, chain), out var rules))
                {
                    rules.Add(line[Math.Min(line.Length, 4 + chain.Length)..].ToString());
                }
            }
        }

        return saved;

        static string Word(ReadOnlySpan<char> text) => (text.IndexOf(' ') is >= 0 and var end ? text[..end] : text).ToString();
    }
}
