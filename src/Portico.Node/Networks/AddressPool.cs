using System.Buffers.Binary;
using System.Net;

namespace Portico.Node.Networks;

/// <summary>Addresses of a node's pods. What is taken is known from the pods' records, so there is nothing to keep beside them.</summary>
internal sealed class AddressPool(IPNetwork network)
{
    private readonly HashSet<uint> _taken = [];
    private uint _last;

    // The network's own address, its first (by custom a router) and its last (broadcast) are not given out.
    private uint First => Value(network.BaseAddress) + 2;

    private uint Last => Value(network.BaseAddress) + (uint)((1L << (32 - network.PrefixLength)) - 2);

    /// <summary>False: it is taken, or of another network.</summary>
    public bool TryTake(IPAddress address) => Value(address) is var value && value >= First && value <= Last && _taken.Add(value);

    /// <summary>The next free address after the last one given out: an address rests as long as possible before it comes back. Null: none is free.</summary>
    public IPAddress? Take()
    {
        var count = (long)Last - First + 1;
        for (var i = 0L; i < count; i++)
        {
            _last = _last < First || _last >= Last ? First : _last + 1;
            if (_taken.Add(_last))
            {
                return Address(_last);
            }
        }

        return null;
    }

    public void Release(IPAddress address) => _taken.Remove(Value(address));

    private static uint Value(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    private static IPAddress Address(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return new(bytes);
    }
}
