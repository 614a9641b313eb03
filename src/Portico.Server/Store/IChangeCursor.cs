namespace Portico.Server.Store;

/// <summary>A place in the changes of one resource. For one reader.</summary>
internal interface IChangeCursor
{
    /// <summary>The reader fell so far behind that changes are gone; it must list again.</summary>
    bool IsExpired { get; }

    /// <summary>Every change up to this revision was returned by <see cref="Next"/>.</summary>
    long Revision { get; }

    /// <summary>The next change, or null when there is none yet.</summary>
    StoreChange? Next();

    /// <summary>Completes when <see cref="Next"/> may have something. Call it after <see cref="Next"/> returned null.</summary>
    /// <exception cref="TimeoutException">Nothing came in time.</exception>
    Task WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken);
}
