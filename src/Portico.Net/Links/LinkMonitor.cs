using Portico.Net.Namespaces;
using Portico.Net.Netlink;

namespace Portico.Net.Links;

/// <summary>Tells of every change of the interfaces of a network namespace.</summary>
/// <param name="within">Null: the process's own network namespace.</param>
public sealed class LinkMonitor(NetworkNamespace? within = null)
{
    private const int LookForCancellation = 200;

    /// <summary>Calls <paramref name="changed"/> with all interfaces, at once and after every change, on a thread of its own.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public Task RunAsync(Action<IReadOnlyDictionary<string, LinkState>> changed, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => Watch(changed, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Watch(Action<IReadOnlyDictionary<string, LinkState>> changed, CancellationToken cancellationToken)
    {
        // Listening begins before the list is made, so nothing falls between the two.
        using var socket = within is null ? Listen() : within.Run(Listen);
        using var table = new LinkTable(within);
        var buffer = new byte[64 * 1024];
        changed(table.List());
        while (!cancellationToken.IsCancellationRequested)
        {
            if (socket.Wait(LookForCancellation))
            {
                Drain(socket, buffer);
                changed(table.List());
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private static NetlinkSocket Listen() => new(NetlinkConstants.ProtocolRoute, LinkMessages.Groups);

    private static void Drain(NetlinkSocket socket, byte[] buffer)
    {
        try
        {
            while (socket.Receive(buffer) > 0)
            {
                // What changed is read from the list.
            }
        }
        catch (NetlinkException overrun) when (overrun.Errno == NetlinkException.NoBuffers)
        {
            // Some were lost; the list has them.
        }
    }
}
