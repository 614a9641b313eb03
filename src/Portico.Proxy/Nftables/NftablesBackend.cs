using Microsoft.Extensions.Logging;
using Portico.Net.Nftables;
using Portico.Proxy.Conntrack;
using Portico.Proxy.Services;

namespace Portico.Proxy.Nftables;

/// <summary>Keeps the kernel's table equal to the service map. What is in the kernel already is taken over, never flushed.</summary>
internal sealed partial class NftablesBackend(INftables nftables, Layout layout, FlowCleaner flows, int addressLength, ILogger logger) : IBackend
{
    private readonly Dictionary<FrontendKey, EndpointSlots> _slots = [];
    private readonly HashSet<string> _chains = new(StringComparer.Ordinal);
    private readonly StickyClients _stickyClients = new(nftables, addressLength);
    private readonly AffinityChains _affinityChains = new(addressLength);
    private SharedElements _shared = new();

    /// <summary>Elements deleted and added by the last call, for tests and logs.</summary>
    public (int Deleted, int Added) LastChange { get; private set; }

    public async Task ResyncAsync(ServiceMap map, CancellationToken cancellationToken)
    {
        await WriteBaseAsync(map, cancellationToken);
        var present = ReadAll();
        TakeOverSlots(present);
        _shared = new();
        var wanted = new List<SetElement>();
        var known = new HashSet<FrontendKey>();
        foreach (var frontend in map.Frontends)
        {
            known.Add(frontend.Key);
            var slots = _slots[frontend.Key] = ElementCompiler.Arrange(_slots.GetValueOrDefault(frontend.Key, EndpointSlots.None), frontend);
            ElementCompiler.AddOwned(frontend, slots, wanted);
            var shared = new List<SetElement>();
            ElementCompiler.AddShared(frontend, shared);
            _shared.Add(shared);
        }

        var gone = _slots.Keys.Where(key => !known.Contains(key)).ToList();
        foreach (var key in gone)
        {
            _slots.Remove(key);
        }

        wanted.AddRange(_shared.All);
        await CommitAsync(d => new ElementSet(wanted).Difference(new(present), d.Delete, d.Add), cancellationToken);
        _stickyClients.Forget(map);
        flows.Clean(StaleFlows.Concerned(map.Frontends, gone));
        LogResynced(known.Count, wanted.Count, LastChange.Deleted, LastChange.Added);
    }

    public async Task ApplyAsync(IReadOnlyList<FrontendChange> changes, CancellationToken cancellationToken)
    {
        await CommitAsync(
            difference =>
            {
                foreach (var change in changes)
                {
                    Add(change, difference.Delete, difference.Add);
                }
            },
            cancellationToken);
        _stickyClients.Forget(changes);
        flows.Clean(StaleFlows.Concerned(changes));
        await RemoveUnusedChainsAsync(changes, cancellationToken);
    }

    public Task WaitForForeignChangeAsync(CancellationToken cancellationToken) => nftables.WaitForForeignChangeAsync(cancellationToken);

    private void Add(FrontendChange change, List<SetElement> delete, List<SetElement> add)
    {
        var (oldOwned, newOwned, oldShared, newShared) = (new List<SetElement>(), new List<SetElement>(), new List<SetElement>(), new List<SetElement>());
        var slots = _slots.GetValueOrDefault(change.Key, EndpointSlots.None);
        if (change.Old is not null)
        {
            ElementCompiler.AddOwned(change.Old, slots, oldOwned);
            ElementCompiler.AddShared(change.Old, oldShared);
        }

        if (change.New is not null)
        {
            slots = _slots[change.Key] = ElementCompiler.Arrange(slots, change.New);
            ElementCompiler.AddOwned(change.New, slots, newOwned);
            ElementCompiler.AddShared(change.New, newShared);
        }
        else
        {
            _slots.Remove(change.Key);
        }

        new ElementSet(newOwned).Difference(new(oldOwned), delete, add);
        _shared.Move(oldShared, newShared, delete, add);
    }

    private async Task CommitAsync(Action<(List<SetElement> Delete, List<SetElement> Add)> difference, CancellationToken cancellationToken)
    {
        var (delete, add) = (new List<SetElement>(), new List<SetElement>());
        difference((delete, add));
        var missing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var chain in add.Select(element => element.Goto).OfType<string>())
        {
            missing.Add(chain);
            missing.Add(AffinityChains.Choice(chain) ?? chain);
        }

        missing.RemoveWhere(chain => Layout.IsReady(chain) || _chains.Contains(chain));
        if (missing.Count > 0)
        {
            var texts = missing.Where(chain => !AffinityChains.Has(chain)).Order(StringComparer.Ordinal).ToList();
            if (texts.Count > 0)
            {
                await nftables.RunScriptAsync(layout.Chains(texts), cancellationToken);
            }

            WriteAffinityChains(missing);
            _chains.UnionWith(missing);
        }

        // Neighbours of one set share a message. What leads to endpoints goes before them and comes after them.
        if (delete.Count + add.Count > 0)
        {
            nftables.Apply([.. delete.OrderByDescending(element => Rank(element.Set))], [.. add.OrderBy(element => Rank(element.Set))]);
        }

        LastChange = (delete.Count, add.Count);
    }

    private async Task RemoveUnusedChainsAsync(IReadOnlyList<FrontendChange> changes, CancellationToken cancellationToken)
    {
        var (unused, used) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var change in changes)
        {
            AddChains(change.Old, unused);
            AddChains(change.New, used);
        }

        unused.ExceptWith(used);
        unused.RemoveWhere(static chain => !Layout.IsOwned(chain));
        if (unused.Count > 0)
        {
            _chains.ExceptWith(unused);
            await nftables.RunScriptAsync(layout.Remove(unused), cancellationToken);
        }

        static void AddChains(Frontend? frontend, HashSet<string> into)
        {
            if (frontend is not null)
            {
                ElementCompiler.AddChains(frontend, into);
            }
        }
    }

    private async Task WriteBaseAsync(ServiceMap map, CancellationToken cancellationToken)
    {
        _chains.Clear();
        foreach (var frontend in map.Frontends)
        {
            // Also those that elements lead to already: somebody may have emptied them.
            ElementCompiler.AddChains(frontend, _chains);
        }

        var texts = _chains.Where(chain => !AffinityChains.Has(chain)).ToList();
        try
        {
            await nftables.RunScriptAsync(layout.Base(texts), cancellationToken);
        }
        catch (IOException different)
        {
            // Connections live on through this: their translation is in the connection tracking table, not in ours.
            LogReplaced(different);
            await nftables.RunScriptAsync(layout.Replace(texts), cancellationToken);
        }

        WriteAffinityChains(_chains);
    }

    private void WriteAffinityChains(IEnumerable<string> chains) => nftables.Write([.. chains.Where(AffinityChains.Has).Select(_affinityChains.Build)]);

    private List<SetElement> ReadAll()
    {
        var present = new List<SetElement>();
        foreach (var set in Layout.Sets)
        {
            present.AddRange(nftables.Read(set) ?? throw new IOException($"nftables: set {set} of table {Layout.Table} went away while it was read"));
        }

        return present;
    }

    // A restart must not shuffle endpoints between slots: that would be a change of everything.
    private void TakeOverSlots(List<SetElement> present)
    {
        var found = new Dictionary<FrontendKey, (SortedList<int, EndpointAddress> Cluster, SortedList<int, EndpointAddress> Local)>();
        foreach (var element in present)
        {
            if (element.Set == Layout.Endpoints && ElementKeys.TryReadSlot(element.Key, addressLength, out var key, out var slot)
                && element.Data.Span.Length == addressLength + 4)
            {
                if (!found.TryGetValue(key!, out var lists))
                {
                    found[key!] = lists = ([], []);
                }

                (slot < Layout.LocalSlots ? lists.Cluster : lists.Local)[slot] = ElementKeys.ReadEndpoint(element.Data, addressLength);
            }
        }

        _slots.Clear();
        foreach (var (key, lists) in found)
        {
            _slots[key] = new([.. lists.Cluster.Values], [.. lists.Local.Values]);
        }
    }

    private static int Rank(string set) => Array.IndexOf(Layout.Sets, set);

    [LoggerMessage(5001, LogLevel.Information, "nftables: {Frontends} frontends, {Elements} elements in place ({Deleted} deleted, {Added} added)")]
    private partial void LogResynced(int frontends, int elements, int deleted, int added);

    [LoggerMessage(5002, LogLevel.Warning, "nftables: the table found is of another form and is replaced")]
    private partial void LogReplaced(Exception reason);
}
