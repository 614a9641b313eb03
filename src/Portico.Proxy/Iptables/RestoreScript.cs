using System.Text;

namespace Portico.Proxy.Iptables;

/// <summary>Collects changes and writes them as scripts for <c>iptables-restore --noflush</c>.</summary>
internal sealed class RestoreScript
{
    // The time that iptables-nft needs for one script grows with the square of its chains.
    private const int ChainsAtOnce = 500;

    private readonly List<(ChainId Chain, IReadOnlyList<string> Rules)> _rewritten = [];
    private readonly List<ChainId> _deleted = [];
    private readonly List<(ChainId Chain, string Rule)> _withdrawn = [];
    private readonly List<(ChainId Chain, string Rule)> _inserted = [];

    /// <summary>Chains rewritten, chains deleted, and single rules that came and went.</summary>
    public (int Rewritten, int Deleted, int Lines) Size => (_rewritten.Count, _deleted.Count, Lines);

    private bool IsEmpty => _rewritten.Count + Lines + _deleted.Count == 0;

    private int Lines => _withdrawn.Count + _inserted.Count;

    /// <summary>The chain is new or has other rules; it changes in one step.</summary>
    public void Rewrite(ChainId chain, IReadOnlyList<string> rules) => _rewritten.Add((chain, rules));

    /// <summary>Nothing leads to it any more once the script is done.</summary>
    public void Delete(ChainId chain) => _deleted.Add(chain);

    public void Withdraw(ChainId chain, string rule) => _withdrawn.Add((chain, rule));

    /// <summary>At the front. Of several into one chain, the last is the first there.</summary>
    public void Insert(ChainId chain, string rule) => _inserted.Add((chain, rule));

    /// <summary>In the order in which they must run. What a chain leads to comes with it or before it.</summary>
    public IEnumerable<string> Write()
    {
        if (IsEmpty)
        {
            yield break;
        }

        _rewritten.Sort(static (left, right) => Compare(left.Chain, right.Chain));
        _deleted.Sort(static (left, right) => Compare(right, left));
        var first = 0;
        for (; _rewritten.Count - first > ChainsAtOnce; first += ChainsAtOnce)
        {
            yield return Write(_rewritten.GetRange(first, ChainsAtOnce), last: false);
        }

        yield return Write(_rewritten.GetRange(first, _rewritten.Count - first), last: true);
        // Only now: until the table nat is done, chains of it lead to what goes.
        for (var done = ChainsAtOnce; done < _deleted.Count; done += ChainsAtOnce)
        {
            yield return WriteDeletions(_deleted.GetRange(done, Math.Min(ChainsAtOnce, _deleted.Count - done)));
        }
    }

    private string Write(List<(ChainId Chain, IReadOnlyList<string> Rules)> rewritten, bool last)
    {
        var script = new StringBuilder();
        var deleted = last ? _deleted.GetRange(0, Math.Min(ChainsAtOnce, _deleted.Count)) : [];
        foreach (var table in new[] { "nat", "filter", "mangle" })
        {
            var start = script.Length;
            AppendHeads(script, table, [.. rewritten.Select(static item => item.Chain), .. deleted]);
            if (last)
            {
                AppendLines(script, table, "-D", _withdrawn);
            }

            foreach (var (chain, rules) in rewritten)
            {
                AppendLines(script, table, "-A", rules.Select(rule => (chain, rule)));
            }

            if (last)
            {
                AppendLines(script, table, "-I", _inserted);
            }

            AppendTail(script, table, start, deleted);
        }

        return script.ToString();
    }

    private static string WriteDeletions(List<ChainId> chains)
    {
        var script = new StringBuilder();
        foreach (var table in new[] { "nat", "filter", "mangle" })
        {
            var start = script.Length;
            AppendHeads(script, table, chains);
            AppendTail(script, table, start, chains);
        }

        return script.ToString();
    }

    // A chain that is named so is made, or emptied.
    private static void AppendHeads(StringBuilder script, string table, IEnumerable<ChainId> chains)
    {
        foreach (var chain in chains.Where(chain => chain.Table == table).OrderBy(static chain => chain.Name, StringComparer.Ordinal))
        {
            script.Append($":{chain.Name} - [0:0]\n");
        }
    }

    private static void AppendLines(StringBuilder script, string table, string command, IEnumerable<(ChainId Chain, string Rule)> lines)
    {
        foreach (var (chain, rule) in lines)
        {
            if (chain.Table == table)
            {
                script.Append($"{command} {chain.Name} {rule}\n");
            }
        }
    }

    private static void AppendTail(StringBuilder script, string table, int start, List<ChainId> deleted)
    {
        foreach (var chain in deleted)
        {
            if (chain.Table == table)
            {
                script.Append($"-X {chain.Name}\n");
            }
        }

        if (script.Length > start)
        {
            script.Insert(start, $"*{table}\n").Append("COMMIT\n");
        }
    }

    private static int Compare(ChainId left, ChainId right)
    {
        var order = ChainNames.Rank(left.Name).CompareTo(ChainNames.Rank(right.Name));
        return order != 0 ? order : string.CompareOrdinal(left.Name, right.Name);
    }
}
