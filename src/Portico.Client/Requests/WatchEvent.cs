namespace Portico.Client.Requests;

public enum WatchEventType
{
    Added,
    Modified,
    Deleted,

    /// <summary>The object carries only a resourceVersion to resume from.</summary>
    Bookmark,
}

public readonly record struct WatchEvent<T>(WatchEventType Type, T Object);
