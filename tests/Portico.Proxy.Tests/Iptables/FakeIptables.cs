using System.Text;
using Portico.Net.Iptables;

namespace Portico.Proxy.Tests.Iptables;

/// <summary>
/// As strict as the kernel: to jump to a chain that is missing, to delete one that something leads to or a rule that is not there, fails the table's change.
/// </summary>
internal sealed class FakeIptables : IIptables
{
    private static readonly string[] Targets = ["MARK", "MASQUERADE", "DNAT", "REJECT", "DROP", "ACCEPT", "RETURN"];

    private readonly SortedDictionary<(string Table, string Chain), List<string>> _chains = [];

    public FakeIptables()
    {
        foreach (var (table, chain) in new[]
        {
            ("nat", "PREROUTING"), ("nat", "INPUT"), ("nat", "OUTPUT"), ("nat", "POSTROUTING"), ("filter", "INPUT"), ("filter", "FORWARD"), ("filter", "OUTPUT"),
        })
        {
            _chains[(table, chain)] = [];
        }
    }

    public List<string> Scripts { get; } = [];

    public Task<string> SaveAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var table in _chains.GroupBy(chain => chain.Key.Table))
        {
            text.Append($"*{table.Key}\n");
            text.AppendJoin("", table.Select(chain => $":{chain.Key.Chain} - [0:0]\n"));
            text.AppendJoin("", table.SelectMany(chain => chain.Value.Select(rule => $"-A {chain.Key.Chain} {rule}\n")));
            text.Append("COMMIT\n");
        }

        return Task.FromResult(text.ToString());
    }

    public Task<string> SaveCountedAsync(CancellationToken cancellationToken) => throw new NotSupportedException("nothing is counted here");

    public Task RestoreAsync(string script, CancellationToken cancellationToken)
    {
        Scripts.Add(script);
        var table = "";
        foreach (var line in script.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '*')
            {
                table = line[1..];
            }
            else if (line == "COMMIT")
            {
                CheckJumps(table);
            }
            else if (line[0] == ':')
            {
                _chains[(table, line[1..line.IndexOf(' ')])] = [];
            }
            else
            {
                Change(table, line);
            }
        }

        return Task.CompletedTask;
    }

    public Task WaitForForeignChangeAsync(string canary, CancellationToken cancellationToken) => Task.Delay(-1, cancellationToken);

    public void Add(string table, string chain, params string[] rules) => _chains[(table, chain)] = [.. rules];

    public IReadOnlyList<string>? Rules(string table, string chain) => _chains.GetValueOrDefault((table, chain));

    private void Change(string table, string line)
    {
        var words = line.Split(' ', 3);
        var chain = (table, words[1]);
        switch (words[0])
        {
            case "-A":
                _chains[chain].Add(words[2]);
                break;
            case "-I":
                _chains[chain].Insert(0, words[2]);
                break;
            case "-D":
                Assert.True(_chains[chain].Remove(words[2]), $"not there: {line}");
                break;
            case "-X":
                Assert.Empty(_chains[chain]);
                Assert.True(_chains.Remove(chain));
                break;
            default:
                Assert.Fail(line);
                break;
        }
    }

    private void CheckJumps(string table)
    {
        foreach (var ((_, name), rules) in _chains.Where(chain => chain.Key.Table == table))
        {
            foreach (var rule in rules)
            {
                var words = rule.Split(' ').ToList();
                var target = words[words.LastIndexOf("-j") + 1];
                Assert.True(Targets.Contains(target) || _chains.ContainsKey((table, target)), $"{table} {name}: {rule}: no such chain");
            }
        }
    }
}
