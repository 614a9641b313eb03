using System.Text.Json.Nodes;

namespace Portico.Server.Store;

/// <summary>One version of an object, as it is stored and served: JSON that carries its own resourceVersion. Immutable.</summary>
internal sealed class StoredObject(StoreKey key, long revision, byte[] json)
{
    private volatile IReadOnlyDictionary<string, string>? _labels;

    public StoreKey Key { get; } = key;

    public long Revision { get; } = revision;

    /// <summary>UTF-8. Nobody writes into it.</summary>
    public byte[] Json { get; } = json;

    public IReadOnlyDictionary<string, string> Labels => _labels ??= RawJson.Map(Json, "metadata", "labels");

    /// <summary>A copy that its caller may change.</summary>
    public JsonObject Parse() => JsonNode.Parse(Json)!.AsObject();
}
