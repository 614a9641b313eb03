using System.Net.Sockets;
using Portico.Net.Interop;
using Portico.Net.Namespaces;

namespace Portico.Net.Packets;

/// <summary>
/// Memberships in the groups that hear solicitations for addresses which no interface has: switches that snoop MLD pass them on, and the interface's filter lets
/// them in. One caller at a time.
/// </summary>
public sealed class SolicitedNodeGroups : IDisposable
{
    // A socket's memberships are limited by net.core.optmem_max, 20 KB at least.
    private const int PerSocket = 100;

    private readonly int _index;
    private readonly NetworkNamespace? _within;
    private readonly List<Socket> _sockets = [];
    private readonly Dictionary<IPv6, Socket> _joined = [];
    private int _joins;

    /// <param name="within">Null: the namespace of this process.</param>
    public SolicitedNodeGroups(string networkInterface, NetworkNamespace? within = null)
    {
        _within = within;
        _index = (int)(within is null ? LibC.if_nametoindex(networkInterface) : within.Run(() => LibC.if_nametoindex(networkInterface)));
    }

    /// <summary>Joins what is missing and leaves what is not wanted any more.</summary>
    /// <exception cref="SocketException">The interface is gone, or has no IPv6.</exception>
    public void Set(IEnumerable<IPv6> addresses)
    {
        var wanted = addresses.Select(static address => address.SolicitedNode).ToHashSet();
        foreach (var (group, socket) in _joined.Where(joined => !wanted.Contains(joined.Key)).ToList())
        {
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.DropMembership, Option(group));
            _joined.Remove(group);
        }

        foreach (var group in wanted.Where(group => !_joined.ContainsKey(group)))
        {
            if (_joins++ % PerSocket == 0)
            {
                _sockets.Add(_within is null ? Make() : _within.Run(Make));
            }

            _sockets[^1].SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, Option(group));
            _joined[group] = _sockets[^1];
        }
    }

    public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());

    private static Socket Make() => new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);

    private IPv6MulticastOption Option(IPv6 group) => new(group.ToIPAddress(), _index);
}
