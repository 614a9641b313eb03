using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Addresses.Services;
using Portico.Net.Namespaces;
using Portico.Net.Packets;
using Portico.Net.Sockets;

namespace Portico.Addresses.Announcements;

/// <summary>Answers neighbour solicitations for addresses that no interface has: for IPv6 what <see cref="ArpAnnouncement"/> is for IPv4.</summary>
/// <param name="isRouter">What the answers say of us; hosts forget a default router that says it is none.</param>
/// <param name="mac">The hardware address to answer with; null: the interface's own.</param>
internal sealed partial class NdpAnnouncement(
    string networkInterface, NetworkNamespace? within, bool isRouter, ILogger logger, TimeProvider time, MacAddress? mac = null)
{
    private readonly AnnouncementSchedule<IPv6> _schedule = new(time);
    private readonly Signal _changed = new();

    /// <summary>Somebody else claims an address that is announced here. Told again after ten seconds at the earliest.</summary>
    public event Action<AddressConflict>? Conflicted;

    /// <summary>The whole set that this node stands for from now on. Returns at once; what left the set is not answered for any more when it returns.</summary>
    public void Announce(ImmutableHashSet<IPv6> addresses)
    {
        _schedule.Set(addresses);
        _changed.Set();
    }

    /// <summary>Works until cancelled, and may then be run again.</summary>
    /// <exception cref="IOException">The interface can't be used.</exception>
    /// <exception cref="SocketException">It went down or away, or has no IPv6.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var socket = PacketSocket.Open(networkInterface, NeighbourPacket.EtherType, within, SocketFilter.Neighbours);
        using var groups = new SolicitedNodeGroups(networkInterface, within);
        var own = mac ?? socket.Mac;
        LogListening(networkInterface, own);
        _schedule.RepeatAll();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] working = [AnswerAsync(socket, own, either.Token), SpreadAsync(socket, own, either.Token), JoinAsync(groups, either.Token)];
        await Task.WhenAny(working);
        await either.CancelAsync();
        await Task.WhenAll(working);
    }

    private async Task JoinAsync(SolicitedNodeGroups groups, CancellationToken cancellationToken)
    {
        while (true)
        {
            groups.Set(_schedule.Addresses);
            await _changed.WaitAsync(cancellationToken);
        }
    }

    private async Task AnswerAsync(PacketSocket socket, MacAddress own, CancellationToken cancellationToken)
    {
        var frame = new byte[1514];
        var reply = new byte[NeighbourPacket.FrameLength];
        while (true)
        {
            var length = await socket.ReceiveAsync(frame, cancellationToken);
            if (NdpResponder.Answer(frame.AsSpan(0, length), _schedule.Addresses, own, isRouter, reply) is > 0 and var answer)
            {
                await socket.SendAsync(reply.AsMemory(0, answer), cancellationToken);
            }
            else if (NdpResponder.FindConflict(frame.AsSpan(0, length), _schedule.Addresses, own) is { } claim && _schedule.Defend(claim.Target))
            {
                var conflict = new AddressConflict(claim.Target.ToIPAddress(), claim.LinkAddress ?? claim.SenderMac);
                LogConflict(networkInterface, conflict.Address, conflict.Other);
                Conflicted?.Invoke(conflict);
            }
        }
    }

    /// <summary>Unsolicited advertisements for what was gained, at once and then repeated.</summary>
    private async Task SpreadAsync(PacketSocket socket, MacAddress own, CancellationToken cancellationToken)
    {
        var frame = new byte[NeighbourPacket.FrameLength];
        while (true)
        {
            var due = _schedule.Due();
            foreach (var address in due)
            {
                var announcement = NeighbourPacket.Announcement(address, own, isRouter);
                var length = announcement.Write(announcement.GroupMac, frame);
                await socket.SendAsync(frame.AsMemory(0, length), cancellationToken);
            }

            await _schedule.WaitAsync(due.Count > 0, cancellationToken);
        }
    }

    [LoggerMessage(6012, LogLevel.Information, "answering neighbour solicitations on {Interface} ({Mac})")]
    private partial void LogListening(string @interface, MacAddress mac);

    [LoggerMessage(6013, LogLevel.Warning, "{Address} is claimed on {Interface} by {Other} too")]
    private partial void LogConflict(string @interface, IPAddress address, MacAddress other);
}
