using System.Text;
using Portico.Api.Kinds;
using Portico.Server.Store;

namespace Portico.Server.Resources;

/// <summary>Objects as they are stored.</summary>
internal sealed class WholeRenderer(ResourceKind kind) : IWatchRenderer
{
    public ReadOnlyMemory<byte> Object(StoredObject item) => item.Json;

    public ReadOnlyMemory<byte> Bookmark(long revision, bool endOfInitialEvents) => Bookmark(kind.Kind, kind.ApiVersion, revision, endOfInitialEvents);

    public static byte[] Bookmark(string kind, string apiVersion, long revision, bool endOfInitialEvents)
    {
        var end = endOfInitialEvents ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "";
        return Encoding.UTF8.GetBytes(
            $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{apiVersion}\",\"metadata\":{{\"resourceVersion\":\"{revision}\",\"creationTimestamp\":null{end}}}}}");
    }
}
