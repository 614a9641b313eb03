using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Portico.Server.Store;

/// <summary>
/// An in-memory index over an <see cref="IObjectFile"/>. One thread writes: it takes all writes that wait, makes them durable together,
/// publishes them by one reference, and only then answers. Readers use the published snapshot.
/// </summary>
internal sealed class ObjectStore : IObjectStore
{
    // Bounds the time that the first writer of a group waits for the last.
    private const int MaxGroup = 256;

    private readonly IObjectFile _file;
    private readonly BlockingCollection<Pending> _queue = [];
    private readonly FrozenSignals _signals;
    private readonly Thread _writer;
    private volatile StoreSnapshot _snapshot;

    /// <param name="resources">Every resource that will be stored.</param>
    public ObjectStore(IObjectFile file, IReadOnlyList<string> resources)
    {
        _file = file;
        _signals = new(resources);
        var (revision, objects) = file.Load();
        var byResource = objects.ToLookup(static item => item.Key.Resource);
        _snapshot = new(
            revision, resources.ToImmutableDictionary(static name => name, name => StoreTable.From(byResource[name], revision)));
        _writer = new Thread(WriteGroups) { IsBackground = true, Name = "store writer" };
        _writer.Start();
    }

    public long Revision => _snapshot.Revision;

    internal StoreSnapshot Snapshot => _snapshot;

    public StoredObject? Get(StoreKey key) => _snapshot.Get(key);

    public StoreListing? List(string resource, long? revision = null)
    {
        var snapshot = _snapshot;
        var table = snapshot.Tables[resource];
        return revision is not { } at || at >= snapshot.Revision
            ? new(snapshot.Revision, table.Objects)
            : table.At(at) is { } objects ? new(at, objects) : null;
    }

    public IChangeCursor? Watch(string resource, long revision)
    {
        var position = _snapshot.Tables[resource].Oldest;
        if (revision < position.Revision)
        {
            return null;
        }

        while (position.Next is { } next && next.Revision <= revision)
        {
            position = next;
        }

        return new ChangeCursor(this, resource, position, revision);
    }

    public Task<StoreResult> WriteAsync(StoreWrite write)
    {
        var pending = new Pending(write);
        try
        {
            _queue.Add(pending);
        }
        catch (InvalidOperationException)
        {
            pending.Answer = new(StoreOutcome.Unavailable, null, "the server is stopping");
            pending.Complete();
        }

        return pending.Task;
    }

    public IReadOnlyDictionary<string, int> Count() => _snapshot.Tables.ToDictionary(static pair => pair.Key, static pair => pair.Value.Objects.Count);

    public ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        _writer.Join();
        _signals.FireAll();
        _file.Dispose();
        _queue.Dispose();
        return ValueTask.CompletedTask;
    }

    internal Task Signal(string resource) => _signals.Of(resource);

    private void WriteGroups()
    {
        var group = new List<Pending>();
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            group.Add(first);
            while (group.Count < MaxGroup && _queue.TryTake(out var more))
            {
                group.Add(more);
            }

            Write(group);
            foreach (var pending in group)
            {
                pending.Complete();
            }

            group.Clear();
        }
    }

    private void Write(List<Pending> group)
    {
        var changes = new List<StoreChange>(group.Count);
        var seen = new Dictionary<StoreKey, StoredObject?>();
        var revision = _snapshot.Revision;
        foreach (var pending in group)
        {
            var key = pending.Write.Key;
            var current = seen.TryGetValue(key, out var inGroup) ? inGroup : _snapshot.Get(key);
            pending.Answer = Check(pending.Write, current);
            if (pending.Answer.Outcome != StoreOutcome.Done)
            {
                continue;
            }

            var written = new StoredObject(key, revision + 1, Render(pending.Write.Object, revision + 1));
            revision++;
            var after = pending.Write.Delete ? null : written;
            changes.Add(new(revision, current, after, pending.Write.Delete ? written : null));
            seen[key] = after;
            pending.Answer = new(StoreOutcome.Done, written);
        }

        if (changes.Count == 0)
        {
            return;
        }

        try
        {
            _file.Append(changes);
        }
        catch (IOException refused)
        {
            // Also those that lost against a write of this group, which never happened.
            foreach (var pending in group)
            {
                pending.Answer = new(StoreOutcome.Unavailable, null, refused.Message);
            }

            return;
        }

        Publish(revision, changes);
    }

    private void Publish(long revision, List<StoreChange> changes)
    {
        var tables = _snapshot.Tables;
        var linked = new List<(StoreChange Before, StoreChange Change)>(changes.Count);
        foreach (var change in changes)
        {
            var resource = (change.Before ?? change.After)!.Key.Resource;
            linked.Add((tables[resource].Newest, change));
            tables = tables.SetItem(resource, tables[resource].With(change));
        }

        // Linked before they are published: whoever reads a snapshot can walk its log to the end. Followers stop at the snapshot's revision.
        foreach (var (before, change) in linked)
        {
            before.Next = change;
        }

        var touched = changes.Select(static change => (change.Before ?? change.After)!.Key.Resource).ToHashSet();
        foreach (var resource in touched)
        {
            tables = tables.SetItem(resource, tables[resource].Trimmed());
        }

        _snapshot = new(revision, tables);
        foreach (var resource in touched)
        {
            _signals.Fire(resource);
        }
    }

    private static StoreResult Check(StoreWrite write, StoredObject? current)
    {
        var outcome = (write.Expected, current) switch
        {
            (0, null) when !write.Delete => StoreOutcome.Done,
            (0, not null) => StoreOutcome.AlreadyExists,
            (_, null) => StoreOutcome.NotFound,
            var (expected, found) when found.Revision == expected => StoreOutcome.Done,
            _ => StoreOutcome.Conflict,
        };
        return new(outcome, current);
    }

    private static byte[] Render(JsonObject item, long revision)
    {
        var metadata = (JsonObject)item["metadata"]!;
        metadata["resourceVersion"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return RawJson.Bytes(item);
    }

    private sealed class Pending(StoreWrite write)
    {
        private readonly TaskCompletionSource<StoreResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public StoreWrite Write { get; } = write;

        public StoreResult Answer { get; set; }

        public Task<StoreResult> Task => _done.Task;

        public void Complete() => _done.TrySetResult(Answer);
    }

    /// <summary>One signal a resource, replaced each time it fires.</summary>
    private sealed class FrozenSignals(IReadOnlyList<string> resources)
    {
        private readonly Dictionary<string, Holder> _holders = resources.ToDictionary(static name => name, static _ => new Holder());

        public Task Of(string resource) => _holders[resource].Current.Task;

        public void Fire(string resource)
        {
            var holder = _holders[resource];
            var fired = holder.Current;
            holder.Current = Fresh();
            fired.TrySetResult();
        }

        public void FireAll()
        {
            foreach (var resource in _holders.Keys)
            {
                Fire(resource);
            }
        }

        private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);

        private sealed class Holder
        {
            private volatile TaskCompletionSource _current = Fresh();

            public TaskCompletionSource Current { get => _current; set => _current = value; }
        }
    }
}
