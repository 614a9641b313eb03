using Microsoft.Extensions.Logging;
using Portico.Net.Iptables;
using Portico.Proxy.Conntrack;
using Portico.Proxy.Services;

namespace Portico.Proxy.Iptables;

/// <summary>Keeps the chains of iptables equal to the service map. What is there already and right is left as it is.</summary>
internal sealed partial class IptablesBackend(IIptables iptables, ServiceProxyOptions options, FlowCleaner flows, ILogger logger) : IBackend
{
    private readonly PortCompiler _compiler = new(options);
    private readonly FixedRules _fixed = new(options);
    private readonly Dictionary<ServicePortId, (Dictionary<FrontendKey, Frontend> Frontends, PortRules Rules)> _ports = [];

    /// <summary>What the last call wrote, for tests and logs.</summary>
    public (int Rewritten, int Deleted, int Lines) LastChange { get; private set; }

    public async Task ResyncAsync(ServiceMap map, CancellationToken cancellationToken)
    {
        var saved = SavedRules.Parse(await iptables.SaveAsync(cancellationToken));
        _ports.Clear();
        foreach (var port in map.Frontends.GroupBy(ServicePortId.Of))
        {
            var frontends = port.ToDictionary(frontend => frontend.Key);
            _ports[port.Key] = (frontends, Compile(port.Key, frontends));
        }

        await CommitAsync(Repair(saved), cancellationToken);
        flows.Clean(StaleFlows.Concerned(map.Frontends, Reached(saved).Where(key => map.Find(key) is null)));
        LogResynced(_ports.Count, LastChange.Rewritten, LastChange.Deleted, LastChange.Lines);
    }

    public async Task ApplyAsync(IReadOnlyList<FrontendChange> changes, CancellationToken cancellationToken)
    {
        var touched = new HashSet<ServicePortId>();
        foreach (var change in changes)
        {
            if (change.Old is { } old && _ports.TryGetValue(ServicePortId.Of(old), out var before))
            {
                before.Frontends.Remove(change.Key);
                touched.Add(ServicePortId.Of(old));
            }
        }

        foreach (var change in changes)
        {
            if (change.New is { } frontend)
            {
                var port = ServicePortId.Of(frontend);
                if (!_ports.TryGetValue(port, out var after))
                {
                    _ports[port] = after = ([], PortRules.None);
                }

                after.Frontends[change.Key] = frontend;
                touched.Add(port);
            }
        }

        var script = new RestoreScript();
        foreach (var port in touched)
        {
            var (frontends, before) = _ports[port];
            var after = Compile(port, frontends);
            Difference(before, after, script);
            if (frontends.Count == 0)
            {
                _ports.Remove(port);
            }
            else
            {
                _ports[port] = (frontends, after);
            }
        }

        await CommitAsync(script, cancellationToken);
        flows.Clean(StaleFlows.Concerned(changes));
    }

    public Task WaitForForeignChangeAsync(CancellationToken cancellationToken) => iptables.WaitForForeignChangeAsync(ChainNames.Canary, cancellationToken);

    private PortRules Compile(ServicePortId port, Dictionary<FrontendKey, Frontend> frontends) =>
        _compiler.Compile(port, [.. frontends.Values.OrderBy(frontend => frontend.Kind).ThenBy(frontend => frontend.Key.ToString(), StringComparer.Ordinal)]);

    private static void Difference(PortRules before, PortRules after, RestoreScript script)
    {
        foreach (var (chain, rules) in after.Chains)
        {
            if (!before.Chains.TryGetValue(chain, out var old) || old != rules)
            {
                script.Rewrite(chain, rules);
            }
        }

        foreach (var chain in before.Chains.Keys.Where(chain => !after.Chains.ContainsKey(chain)))
        {
            script.Delete(chain);
        }

        foreach (var (chain, rule) in Missing(before, after))
        {
            script.Withdraw(chain, rule);
        }

        foreach (var (chain, rule) in Missing(after, before))
        {
            script.Insert(chain, rule);
        }

        static IEnumerable<(ChainId Chain, string Rule)> Missing(PortRules here, PortRules there) =>
            here.Entries.Except(there.Entries).OrderBy(entry => entry.Rule, StringComparer.Ordinal);
    }

    private RestoreScript Repair(SavedRules saved)
    {
        var script = new RestoreScript();
        var wanted = new HashSet<ChainId>();
        foreach (var (chain, rules) in _fixed.Chains)
        {
            Renew(chain, rules);
        }

        foreach (var (_, rules) in _ports.Values)
        {
            foreach (var (chain, lines) in rules.Chains)
            {
                Renew(chain, lines);
            }
        }

        var entries = _ports.Values.SelectMany(port => port.Rules.Entries).ToLookup(entry => entry.Chain, entry => entry.Rule);
        foreach (var (chain, last) in _fixed.Shared)
        {
            if (!IsSame(saved[chain], entries[chain], last))
            {
                script.Rewrite(chain, [.. entries[chain].Order(StringComparer.Ordinal), .. last]);
            }
        }

        foreach (var (from, match, to) in FixedRules.Jumps.Reverse())
        {
            var jump = $"-j {to}";
            if (saved[from]?.Any(rule => rule.EndsWith(jump, StringComparison.Ordinal)) != true)
            {
                script.Insert(from, match.Length == 0 ? jump : $"{match} {jump}");
            }
        }

        foreach (var stale in saved.Chains.Where(chain => ChainNames.IsOfServicePort(chain.Name) && !wanted.Contains(chain)))
        {
            script.Delete(stale);
        }

        return script;

        void Renew(ChainId chain, IReadOnlyCollection<string> rules)
        {
            wanted.Add(chain);
            if (saved[chain] is not { } present || !present.SequenceEqual(rules))
            {
                script.Rewrite(chain, [.. rules]);
            }
        }
    }

    private IEnumerable<FrontendKey> Reached(SavedRules saved)
    {
        foreach (var rule in _fixed.Shared.Keys.SelectMany(chain => saved[chain] ?? []))
        {
            if (RuleText.TryReadKey(rule, out var key))
            {
                yield return key;
            }
        }
    }

    // Entries come in the order of their history.
    private static bool IsSame(IReadOnlyList<string>? saved, IEnumerable<string> entries, string[] last) =>
        saved is not null
        && saved.Count >= last.Length
        && saved.Skip(saved.Count - last.Length).SequenceEqual(last)
        && saved.Take(saved.Count - last.Length).Order(StringComparer.Ordinal).SequenceEqual(entries.Order(StringComparer.Ordinal));

    private async Task CommitAsync(RestoreScript script, CancellationToken cancellationToken)
    {
        LastChange = script.Size;
        foreach (var part in script.Write())
        {
            await iptables.RestoreAsync(part, cancellationToken);
        }
    }

    [LoggerMessage(5060, LogLevel.Information, "iptables: {Ports} service ports in place ({Rewritten} chains written, {Deleted} deleted, {Lines} single rules changed)")]
    private partial void LogResynced(int ports, int rewritten, int deleted, int lines);
}
