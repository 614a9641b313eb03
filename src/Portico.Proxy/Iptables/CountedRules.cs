using System.Globalization;
using System.Runtime.InteropServices;

namespace Portico.Proxy.Iptables;

/// <summary>What <c>iptables-save -c</c> says of our rules, as far as it is told as metrics.</summary>
internal sealed class CountedRules
{
    private readonly Dictionary<string, ulong> _entries = [];
    private readonly Dictionary<string, (string Endpoint, ulong Packets)> _translations = [];
    private readonly Dictionary<string, string> _owners = [];
    private readonly Dictionary<string, int> _perTable = [];

    private CountedRules()
    {
    }

    /// <summary>Packets that other chains led to a chain of a Service port.</summary>
    public IReadOnlyDictionary<string, ulong> Entries => _entries;

    /// <summary>Packets that were translated, by chain of an endpoint.</summary>
    public IReadOnlyDictionary<string, (string Endpoint, ulong Packets)> Translations => _translations;

    /// <summary>Which chain of a Service port leads to the chain of an endpoint.</summary>
    public IReadOnlyDictionary<string, string> Owners => _owners;

    public IReadOnlyDictionary<string, int> PerTable => _perTable;

    public ulong InvalidDropped { get; private set; }

    public static CountedRules Parse(string text)
    {
        var counted = new CountedRules();
        var table = "";
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("*"))
            {
                table = line[1..].ToString();
            }
            else if (TryRead(line, out var packets, out var chain, out var rule) && ChainNames.IsOwn(chain))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counted._perTable, table, out _)++;
                counted.Add(table, chain, rule, packets);
            }
        }

        return counted;
    }

    private void Add(string table, string chain, ReadOnlySpan<char> rule, ulong packets)
    {
        if (table == "filter" && chain == ChainNames.Forward && rule is FixedRules.DropInvalid)
        {
            InvalidDropped += packets;
        }
        else if (table == "nat")
        {
            var last = rule[(rule.LastIndexOf(' ') + 1)..];
            if (rule.IndexOf("-j DNAT --to-destination ") >= 0)
            {
                _translations[chain] = (last.ToString(), packets);
            }
            else if (ChainNames.IsOfEndpoint(last))
            {
                _owners[last.ToString()] = chain;
            }
            else if (ChainNames.IsChoice(last) && !ChainNames.IsChoice(chain))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_entries, last.ToString(), out _) += packets;
            }
        }
    }

    // [packets:bytes] -A CHAIN rule
    private static bool TryRead(ReadOnlySpan<char> line, out ulong packets, out string chain, out ReadOnlySpan<char> rule)
    {
        const string append = "] -A ";
        (packets, chain) = (0, "");
        rule = default;
        var (colon, end) = (line.IndexOf(':'), line.IndexOf(append));
        if (!line.StartsWith("[") || colon < 0 || end < colon || !ulong.TryParse(line[1..colon], NumberStyles.None, CultureInfo.InvariantCulture, out packets))
        {
            return false;
        }

        rule = line[(end + append.Length)..];
        var space = rule.IndexOf(' ');
        chain = (space < 0 ? rule : rule[..space]).ToString();
        rule = space < 0 ? default : rule[(space + 1)..];
        return true;
    }
}
