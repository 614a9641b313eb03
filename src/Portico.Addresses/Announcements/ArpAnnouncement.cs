using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Net.Namespaces;
using Portico.Net.Packets;

namespace Portico.Addresses.Announcements;

/// <summary>
/// Answers ARP for addresses that no interface has: the kernel knows nothing of them, so a process that is killed leaves none behind.
/// The traffic that then comes is the service proxy's.
/// </summary>
/// <param name="mac">The hardware address to answer with; null: the interface's own.</param>
internal sealed partial class ArpAnnouncement(
    string networkInterface, NetworkNamespace? within, ILogger logger, TimeProvider time, MacAddress? mac = null) : IAnnouncement
{
    private readonly AnnouncementSchedule<IPv4> _schedule = new(time);

    /// <summary>Somebody else claims an address that is announced here. Told again after ten seconds at the earliest.</summary>
    public event Action<AddressConflict>? Conflicted;

    public void Announce(ImmutableHashSet<IPv4> addresses) => _schedule.Set(addresses);

    /// <exception cref="IOException">The interface can't be used.</exception>
    /// <exception cref="SocketException">It went down or away.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var socket = PacketSocket.Open(networkInterface, ArpPacket.EtherType, within);
        var own = mac ?? socket.Mac;
        LogListening(networkInterface, own);
        _schedule.RepeatAll();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answering = AnswerAsync(socket, own, either.Token);
        var spreading = SpreadAsync(socket, own, either.Token);
        await Task.WhenAny(answering, spreading);
        await either.CancelAsync();
        await Task.WhenAll(answering, spreading);
    }

    private async Task AnswerAsync(PacketSocket socket, MacAddress own, CancellationToken cancellationToken)
    {
        var frame = new byte[256];
        var reply = new byte[ArpPacket.FrameLength];
        while (true)
        {
            var length = await socket.ReceiveAsync(frame, cancellationToken);
            if (ArpResponder.TryAnswer(frame.AsSpan(0, length), _schedule.Addresses, own, reply))
            {
                await socket.SendAsync(reply, cancellationToken);
            }
            else if (ArpResponder.FindConflict(frame.AsSpan(0, length), _schedule.Addresses, own) is { } claim && _schedule.Defend(claim.Sender))
            {
                var conflict = new AddressConflict(IPAddress.Parse(claim.Sender.ToString()), claim.SenderMac);
                LogConflict(networkInterface, conflict.Address, conflict.Other);
                Conflicted?.Invoke(conflict);
            }
        }
    }

    /// <summary>Gratuitous ARP for what was gained, at once and then repeated.</summary>
    private async Task SpreadAsync(PacketSocket socket, MacAddress own, CancellationToken cancellationToken)
    {
        var frame = new byte[ArpPacket.FrameLength];
        while (true)
        {
            var due = _schedule.Due();
            foreach (var address in due)
            {
                await SendAsync(socket, ArpPacket.Announcement(ArpOperation.Request, address, own), frame, cancellationToken);
                await SendAsync(socket, ArpPacket.Announcement(ArpOperation.Reply, address, own), frame, cancellationToken);
            }

            await _schedule.WaitAsync(due.Count > 0, cancellationToken);
        }
    }

    private static async Task SendAsync(PacketSocket socket, ArpPacket packet, byte[] frame, CancellationToken cancellationToken)
    {
        packet.Write(MacAddress.Broadcast, frame);
        await socket.SendAsync(frame, cancellationToken);
    }

    [LoggerMessage(6010, LogLevel.Information, "answering ARP on {Interface} ({Mac})")]
    private partial void LogListening(string @interface, MacAddress mac);

    [LoggerMessage(6011, LogLevel.Warning, "{Address} is claimed on {Interface} by {Other} too")]
    private partial void LogConflict(string @interface, IPAddress address, MacAddress other);
}
