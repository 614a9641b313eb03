using Portico.Server.Store;

namespace Portico.Server.Resources;

/// <summary>
/// Lets the writes of one object go one at a time where more than the store changes with them: what a Service owns (addresses, ports) must be
/// taken and given back in the order of its versions.
/// </summary>
internal sealed class KeyGates : IDisposable
{
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 64).Select(static _ => new SemaphoreSlim(1, 1))];

    /// <summary>Dispose what is returned to let the next one in.</summary>
    public async Task<IDisposable?> EnterAsync(StoreKey key, CancellationToken cancellationToken)
    {
        if (key.Resource != "services")
        {
            return null;
        }

        var gate = _gates[(uint)key.GetHashCode() % (uint)_gates.Length];
        await gate.WaitAsync(cancellationToken);
        return new Holder(gate);
    }

    public void Dispose()
    {
        foreach (var gate in _gates)
        {
            gate.Dispose();
        }
    }

    private sealed class Holder(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
