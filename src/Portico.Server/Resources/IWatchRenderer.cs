using Portico.Server.Store;

namespace Portico.Server.Resources;

/// <summary>Turns objects into what a watch carries.</summary>
internal interface IWatchRenderer
{
    ReadOnlyMemory<byte> Object(StoredObject item);

    ReadOnlyMemory<byte> Bookmark(long revision, bool endOfInitialEvents);
}
