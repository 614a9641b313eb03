using Portico.Server.Answers;
using Portico.Server.Store;

namespace Portico.Server.Resources;

/// <summary>Objects as PartialObjectMetadata.</summary>
internal sealed class MetadataRenderer : IWatchRenderer
{
    public ReadOnlyMemory<byte> Object(StoredObject item) => PartialMetadata.Of(item);

    public ReadOnlyMemory<byte> Bookmark(long revision, bool endOfInitialEvents) =>
        WholeRenderer.Bookmark("PartialObjectMetadata", "meta.k8s.io/v1", revision, endOfInitialEvents);
}
