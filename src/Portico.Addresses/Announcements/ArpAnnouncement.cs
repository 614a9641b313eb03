using System.Collections.Immutable;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Addresses.Services;
using Portico.Net.Namespaces;
using Portico.Net.Packets;

namespace Portico.Addresses.Announcements;

/// <summary>
/// Answers ARP for addresses that no interface has: the kernel knows nothing of them, so a process that is killed leaves none behind.
/// The traffic that then comes is the service proxy's.
/// </summary>
internal sealed partial class ArpAnnouncement(string networkInterface, NetworkNamespace? within, ILogger logger, TimeProvider time) : IAnnouncement
{
    // As MetalLB: at once, then for 5 s. A switch that just came up, or a lost broadcast, must not cost a cache's lifetime.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1100);
    private const int Repeats = 5;

    private readonly Lock _lock = new();
    private readonly Signal _gained = new();
    private readonly Dictionary<IPv4, int> _repeats = [];
    private volatile ImmutableHashSet<IPv4> _addresses = [];

    public void Announce(ImmutableHashSet<IPv4> addresses)
    {
        lock (_lock)
        {
            var gained = addresses.Except(_addresses);
            _addresses = addresses;
            foreach (var address in gained)
            {
                _repeats[address] = Repeats;
            }

            if (gained.Count > 0)
            {
                _gained.Set();
            }
        }
    }

    /// <exception cref="IOException">The interface can't be used.</exception>
    /// <exception cref="SocketException">It went down or away.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var socket = PacketSocket.Open(networkInterface, ArpPacket.EtherType, within);
        LogListening(networkInterface, socket.Mac);
        RepeatAll();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answering = AnswerAsync(socket, either.Token);
        var spreading = SpreadAsync(socket, either.Token);
        await Task.WhenAny(answering, spreading);
        await either.CancelAsync();
        await Task.WhenAll(answering, spreading);
    }

    private async Task AnswerAsync(PacketSocket socket, CancellationToken cancellationToken)
    {
        var frame = new byte[256];
        var reply = new byte[ArpPacket.FrameLength];
        while (true)
        {
            var length = await socket.ReceiveAsync(frame, cancellationToken);
            if (ArpResponder.TryAnswer(frame.AsSpan(0, length), _addresses, socket.Mac, reply))
            {
                await socket.SendAsync(reply, cancellationToken);
            }
        }
    }

    /// <summary>Gratuitous ARP for what was gained, at once and then repeated.</summary>
    private async Task SpreadAsync(PacketSocket socket, CancellationToken cancellationToken)
    {
        var frame = new byte[ArpPacket.FrameLength];
        while (true)
        {
            var due = Due();
            foreach (var address in due)
            {
                await SendAsync(socket, ArpOperation.Request, address, frame, cancellationToken);
                await SendAsync(socket, ArpOperation.Reply, address, frame, cancellationToken);
            }

            await WaitAsync(due.Count > 0, cancellationToken);
        }
    }

    private static async Task SendAsync(PacketSocket socket, ArpOperation operation, IPv4 address, byte[] frame, CancellationToken cancellationToken)
    {
        ArpPacket.Announcement(operation, address, socket.Mac).Write(MacAddress.Broadcast, frame);
        await socket.SendAsync(frame, cancellationToken);
    }

    private async Task WaitAsync(bool repeat, CancellationToken cancellationToken)
    {
        using var interval = new CancellationTokenSource(repeat ? Interval : Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, cancellationToken);
        try
        {
            await _gained.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time for the next repeat.
        }
    }

    private List<IPv4> Due()
    {
        lock (_lock)
        {
            var due = new List<IPv4>(_repeats.Count);
            foreach (var (address, left) in _repeats)
            {
                if (left == 0 || !_addresses.Contains(address))
                {
                    _repeats.Remove(address);
                    continue;
                }

                _repeats[address] = left - 1;
                due.Add(address);
            }

            return due;
        }
    }

    // After the interface came back its address, and what switches know of it, may be others.
    private void RepeatAll()
    {
        lock (_lock)
        {
            foreach (var address in _addresses)
            {
                _repeats[address] = Repeats;
            }
        }
    }

    [LoggerMessage(6010, LogLevel.Information, "answering ARP on {Interface} ({Mac})")]
    private partial void LogListening(string @interface, MacAddress mac);
}
