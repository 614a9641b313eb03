using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Portico.Server.Allocation;

/// <summary>The IPv4 network of cluster IPs; addresses are counted from its base.</summary>
internal sealed class ServiceNetwork
{
    private readonly uint _base;

    private ServiceNetwork(uint network, int size, string text) => (_base, Size, Text) = (network, size, text);

    /// <summary>Number of addresses, with the base and the broadcast address.</summary>
    public int Size { get; }

    public string Text { get; }

    /// <exception cref="ArgumentException">No IPv4 network between /12 and /29.</exception>
    public static ServiceNetwork Parse(string cidr)
    {
        if (cidr.Split('/') is [var address, var length] && IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetwork
            && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits is >= 12 and <= 29)
        {
            var size = 1 << (32 - bits);
            return new(Number(parsed) & ~(uint)(size - 1), size, cidr);
        }

        throw new ArgumentException($"ServiceCidr \"{cidr}\": an IPv4 network between /12 and /29 is expected, such as 10.96.0.0/16");
    }

    public string Address(int offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, _base + (uint)offset);
        return new IPAddress(bytes).ToString();
    }

    /// <summary>False when the text is no address of the network that a Service may have.</summary>
    public bool TryOffset(string text, out int offset)
    {
        offset = 0;
        if (!IPAddress.TryParse(text, out var address) || address.AddressFamily != AddressFamily.InterNetwork || address.ToString() != text)
        {
            return false;
        }

        var distance = (long)Number(address) - _base;
        if (distance < 1 || distance > Size - 2)
        {
            return false;
        }

        offset = (int)distance;
        return true;
    }

    private static uint Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
