using System.Text.Json.Nodes;
using Portico.Server.Store;

namespace Portico.Server.Tests;

/// <summary>Short ways to write to a store.</summary>
internal static class Stores
{
    public static readonly string[] Resources = ["pods", "services"];

    public static JsonObject Object(StoreKey key, string value) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace, ["labels"] = new JsonObject { ["value"] = value } },
        ["value"] = value,
    };

    public static Task<StoreResult> PutAsync(this IObjectStore store, StoreKey key, string value) =>
        store.WriteAsync(new(key, store.Get(key)?.Revision ?? 0, Object(key, value)));

    public static Task<StoreResult> RemoveAsync(this IObjectStore store, StoreKey key) =>
        store.WriteAsync(new(key, store.Get(key)?.Revision ?? 1, Object(key, ""), Delete: true));

    public static string Value(this StoredObject item) => RawJson.Text(item.Json, "value")!;
}
