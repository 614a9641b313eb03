using System.Text;
using Portico.Net.Namespaces;
using Portico.Net.Netlink;
using Portico.Net.Nftables;

namespace Portico.Net.Iptables;

/// <summary>
/// Hears when rules, chains or tables of iptables go from nf_tables. What others add is theirs, and is not told. Safe for two threads.
/// </summary>
internal sealed class RuleRemovals : IDisposable
{
    private readonly Lock _lock = new();
    private readonly NetlinkSocket _socket;
    private readonly byte[] _buffer = new byte[128 * 1024];
    private readonly byte _family;
    private readonly byte[][] _tables;
    private readonly HashSet<uint> _writers = [];
    private bool _removed;
    private bool _own;
    private bool _removedMeanwhile;

    public RuleRemovals(byte family, string[] tables, NetworkNamespace? inside)
    {
        (_family, _tables) = (family, Array.ConvertAll(tables, Encoding.UTF8.GetBytes));
        _socket = inside is null ? Open() : inside.Run(Open);

        static NetlinkSocket Open() => new(NetlinkConstants.ProtocolNetfilter, NftMessages.NotificationGroup);
    }

    /// <summary>What follows is caused by a program that we run.</summary>
    public void BeginOwn()
    {
        lock (_lock)
        {
            Drain();
            _own = true;
        }
    }

    // Which process it was cannot be known beforehand: if only one wrote meanwhile, it was ours.
    public void EndOwn()
    {
        lock (_lock)
        {
            Drain();
            _removed |= _removedMeanwhile && _writers.Count > 1;
            (_own, _removedMeanwhile) = (false, false);
            _writers.Clear();
        }
    }

    /// <summary>Whether something was removed since the last call.</summary>
    public bool Seen()
    {
        lock (_lock)
        {
            Drain();
            var removed = _removed;
            _removed = false;
            return removed;
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Drain()
    {
        while (true)
        {
            int read;
            try
            {
                read = _socket.Receive(_buffer);
            }
            catch (NetlinkException lost) when (lost.Errno == NetlinkException.NoBuffers)
            {
                // A change of ours too large to be told in full looks like this too: then the rules are read back once more.
                _removed = true;
                continue;
            }

            if (read == 0)
            {
                return;
            }

            ReadOnlySpan<byte> data = _buffer.AsSpan(0, read);
            while (NetlinkReader.TryReadMessage(ref data, out var header, out var payload))
            {
                Note(header, payload);
            }
        }
    }

    private void Note(NetlinkHeader header, ReadOnlySpan<byte> payload)
    {
        if (!IsOurs(header, payload))
        {
            return;
        }

        var removal = header.Type is NftMessages.DeleteTable or NftMessages.DeleteChain or NftMessages.DeleteRule;
        if (_own)
        {
            _writers.Add(header.PortId);
            _removedMeanwhile |= removal;
        }
        else
        {
            _removed |= removal;
        }
    }

    private bool IsOurs(NetlinkHeader header, ReadOnlySpan<byte> payload)
    {
        foreach (var table in _tables)
        {
            if (NftMessages.IsAbout(header, payload, _family, table))
            {
                return true;
            }
        }

        return false;
    }
}
