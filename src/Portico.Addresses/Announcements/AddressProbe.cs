using System.Net;
using System.Net.Sockets;
using Portico.Net.Namespaces;
using Portico.Net.Packets;
using Portico.Net.Sockets;

namespace Portico.Addresses.Announcements;

/// <summary>
/// Asks the link whether anybody has an address, before it is claimed: ARP probes (RFC 5227, section 2.1) or solicitations for duplicate address detection
/// (RFC 4862, section 5.4). Takes <see cref="Count"/> times <see cref="Interval"/>.
/// </summary>
/// <param name="within">Null: the namespace of this process.</param>
internal sealed class AddressProbe(string networkInterface, NetworkNamespace? within, TimeProvider time)
{
    /// <summary>PROBE_NUM of RFC 5227, section 1.1.</summary>
    public int Count { get; init; } = 3;

    /// <summary>PROBE_MIN of RFC 5227, section 1.1. Links that do not sleep answer within a few milliseconds.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <returns>Who has it, or wants it at the same time; null: nobody said so.</returns>
    /// <exception cref="IOException">The interface can't be used.</exception>
    /// <exception cref="SocketException">It went down or away.</exception>
    public async Task<AddressConflict?> RunAsync(IPAddress address, CancellationToken cancellationToken)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            using var socket = PacketSocket.Open(networkInterface, ArpPacket.EtherType, within);
            var (wanted, probe) = (IPv4.Read(address.GetAddressBytes()), new byte[ArpPacket.FrameLength]);
            new ArpPacket(ArpOperation.Request, socket.Mac, new(0), MacAddress.Zero, wanted).Write(MacAddress.Broadcast, probe);
            return await RunAsync(socket, address, probe, frame => Owner(frame, wanted, socket.Mac), cancellationToken);
        }
        else
        {
            using var socket = PacketSocket.Open(networkInterface, NeighbourPacket.EtherType, within, SocketFilter.Neighbours);
            using var groups = new SolicitedNodeGroups(networkInterface, within);
            var (wanted, probe) = (IPv6.From(address), new byte[NeighbourPacket.FrameLength]);
            groups.Set([wanted]);
            var question = NeighbourPacket.Probe(wanted, socket.Mac);
            var length = question.Write(question.GroupMac, probe);
            return await RunAsync(socket, address, probe.AsMemory(0, length), frame => Owner(frame, wanted, socket.Mac), cancellationToken);
        }
    }

    /// <summary>RFC 5227, section 2.1.1: a packet from the address, or somebody else's probe for it.</summary>
    internal static MacAddress? Owner(ReadOnlySpan<byte> frame, IPv4 wanted, MacAddress own) =>
        ArpPacket.TryRead(frame, out var packet) && packet.SenderMac != own
            && (packet.Sender == wanted || (packet.Operation == ArpOperation.Request && packet.Sender.Value == 0 && packet.Target == wanted))
            ? packet.SenderMac
            : null;

    /// <summary>RFC 4862, sections 5.4.3 and 5.4.4: an advertisement of the address, or somebody else's probe for it.</summary>
    internal static MacAddress? Owner(ReadOnlySpan<byte> frame, IPv6 wanted, MacAddress own) =>
        NeighbourPacket.TryRead(frame, out var packet) && packet.Target == wanted && packet.SenderMac != own
            && (packet.Kind == NeighbourKind.Advertisement || packet.Source == IPv6.Unspecified)
            ? packet.LinkAddress ?? packet.SenderMac
            : null;

    private async Task<AddressConflict?> RunAsync(
        PacketSocket socket, IPAddress address, ReadOnlyMemory<byte> probe, Look look, CancellationToken cancellationToken)
    {
        var frame = new byte[1514];
        for (var left = Count; left > 0; left--)
        {
            await socket.SendAsync(probe, cancellationToken);
            using var interval = new CancellationTokenSource(Interval, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, cancellationToken);
            try
            {
                while (true)
                {
                    var length = await socket.ReceiveAsync(frame, either.Token);
                    if (look(frame.AsSpan(0, length)) is { } owner)
                    {
                        return new(address, owner);
                    }
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Nobody answered this one.
            }
        }

        return null;
    }

    private delegate MacAddress? Look(ReadOnlySpan<byte> frame);
}
