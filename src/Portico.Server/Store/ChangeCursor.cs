namespace Portico.Server.Store;

internal sealed class ChangeCursor(ObjectStore store, string resource, StoreChange position, long revision) : IChangeCursor
{
    private StoreChange _position = position;
    private Task _signal = Task.CompletedTask;

    public bool IsExpired => _position.Revision < store.Snapshot.Tables[resource].Oldest.Revision;

    public long Revision { get; private set; } = revision;

    public StoreChange? Next()
    {
        // Taken before looking: a change that is linked after the look completes it.
        _signal = store.Signal(resource);
        var snapshot = store.Snapshot;
        if (_position.Next is { } next && next.Revision <= snapshot.Revision)
        {
            _position = next;
            Revision = next.Revision;
            return next;
        }

        if (ReferenceEquals(snapshot.Tables[resource].Newest, _position))
        {
            Revision = Math.Max(Revision, snapshot.Revision);
        }

        return null;
    }

    public Task WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken) =>
        _signal.WaitAsync(timeout, time, cancellationToken);
}
