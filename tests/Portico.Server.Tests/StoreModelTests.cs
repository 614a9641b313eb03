using CsCheck;
using Portico.Server.Store;

namespace Portico.Server.Tests;

/// <summary>The store against a dictionary: random writes, reads now and in the past, watches from anywhere, and a restart.</summary>
public sealed class StoreModelTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("pt-server-model-").FullName;

    private static readonly Gen<(int Key, int Kind)[]> Operations = Gen.Select(Gen.Int[0, 11], Gen.Int[0, 9]).Array[1, 60];

    [Fact]
    public async Task Store_RandomWrites_ReadsAndWatchesLikeTheModel()
    {
        await Operations.SampleAsync(async operations =>
        {
            var path = Path.Combine(_directory, Guid.NewGuid().ToString("N") + ".db");
            var model = new Dictionary<StoreKey, string>();
            var history = new List<(long Revision, Dictionary<StoreKey, string> State)>();
            await using (var store = new ObjectStore(SqliteFile.Open(path), Stores.Resources))
            {
                history.Add((store.Revision, new(model)));
                for (var i = 0; i < operations.Length; i++)
                {
                    await ApplyAsync(store, model, operations[i], $"v{i}");
                    if (store.Revision != history[^1].Revision)
                    {
                        history.Add((store.Revision, new(model)));
                    }
                }

                foreach (var (revision, state) in history)
                {
                    AssertState(store, revision, state);
                    AssertReplay(store, revision, state, model);
                }
            }

            await using var again = new ObjectStore(SqliteFile.Open(path), Stores.Resources);
            Assert.Equal(history[^1].Revision, again.Revision);
            AssertState(again, again.Revision, model);
            if (history.Count > 1)
            {
                Assert.Null(again.Watch("pods", history[0].Revision));
                Assert.Null(again.List("pods", history[0].Revision));
            }
        }, iter: 12, threads: 1);
    }

    public void Dispose() => Directory.Delete(_directory, true);

    private static StoreKey Key(int number) => new(number % 2 == 0 ? "pods" : "services", number % 3 == 0 ? "a" : "b", $"n{number}");

    private static async Task ApplyAsync(ObjectStore store, Dictionary<StoreKey, string> model, (int Key, int Kind) operation, string value)
    {
        var key = Key(operation.Key);
        var there = model.ContainsKey(key);
        switch (operation.Kind)
        {
            case < 6:
                Assert.Equal(StoreOutcome.Done, (await store.PutAsync(key, value)).Outcome);
                model[key] = value;
                break;
            case < 8:
                Assert.Equal(there ? StoreOutcome.Done : StoreOutcome.NotFound, (await store.RemoveAsync(key)).Outcome);
                model.Remove(key);
                break;
            case 8:
                var stale = await store.WriteAsync(new(key, store.Revision + 7, Stores.Object(key, value)));
                Assert.Equal(there ? StoreOutcome.Conflict : StoreOutcome.NotFound, stale.Outcome);
                break;
            default:
                var create = await store.WriteAsync(new(key, 0, Stores.Object(key, value)));
                Assert.Equal(there ? StoreOutcome.AlreadyExists : StoreOutcome.Done, create.Outcome);
                model.TryAdd(key, value);
                break;
        }
    }

    private static void AssertState(ObjectStore store, long revision, Dictionary<StoreKey, string> state)
    {
        foreach (var resource in Stores.Resources)
        {
            var expected = state.Where(pair => pair.Key.Resource == resource)
                .OrderBy(pair => pair.Key.Namespace, StringComparer.Ordinal).ThenBy(pair => pair.Key.Name, StringComparer.Ordinal)
                .Select(pair => $"{pair.Key}={pair.Value}").ToList();
            var listing = store.List(resource, revision)!;
            Assert.Equal(expected, listing.In("").Select(item => $"{item.Key}={item.Value()}"));
            Assert.Equal(expected.Where(text => text.Contains(" a/", StringComparison.Ordinal)), listing.In("a").Select(item => $"{item.Key}={item.Value()}"));
            if (expected.Count > 1)
            {
                var first = listing.In("").First().Key;
                Assert.Equal(expected.Skip(1), listing.In("", first).Select(item => $"{item.Key}={item.Value()}"));
            }
        }
    }

    /// <summary>A state and the changes after it lead to the present.</summary>
    private static void AssertReplay(ObjectStore store, long revision, Dictionary<StoreKey, string> state, Dictionary<StoreKey, string> now)
    {
        var replayed = new Dictionary<StoreKey, string>(state);
        foreach (var resource in Stores.Resources)
        {
            var cursor = store.Watch(resource, revision)!;
            var last = revision;
            while (cursor.Next() is { } change)
            {
                Assert.True(change.Revision > last, $"revision {change.Revision} after {last}");
                last = change.Revision;
                Assert.Equal(change.Before is { } before ? before.Value() : null, replayed.GetValueOrDefault((change.Before ?? change.After)!.Key));
                if (change.After is { } after)
                {
                    replayed[after.Key] = after.Value();
                }
                else
                {
                    replayed.Remove(change.Before!.Key);
                }
            }

            Assert.Equal(store.Revision, cursor.Revision);
        }

        Assert.Equal(now.OrderBy(pair => pair.Key.ToString()), replayed.OrderBy(pair => pair.Key.ToString()));
    }
}
