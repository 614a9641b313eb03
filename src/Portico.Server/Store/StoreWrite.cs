using System.Text.Json.Nodes;

namespace Portico.Server.Store;

/// <summary>A write that holds only when the object is still what its writer saw.</summary>
/// <param name="Expected">Revision that the writer saw; 0: there was no such object.</param>
/// <param name="Object">New state, or the last one when <paramref name="Delete"/>. The store owns it from here and sets its resourceVersion.</param>
internal sealed record StoreWrite(StoreKey Key, long Expected, JsonObject Object, bool Delete = false);
