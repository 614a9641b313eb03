using System.Text.Json.Nodes;
using Portico.Server.Store;

namespace Portico.Server.Answers;

/// <summary>meta.k8s.io/v1 PartialObjectMetadata: metadata of an object of any kind.</summary>
internal static class PartialMetadata
{
    public static byte[] Of(StoredObject item) => RawJson.Bytes(Of(item.Parse()));

    public static JsonObject Of(JsonObject item) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = item["metadata"]?.DeepClone(),
    };
}
