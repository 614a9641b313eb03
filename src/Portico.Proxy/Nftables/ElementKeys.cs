using System.Buffers.Binary;
using System.Net;
using Portico.Net.Nftables;
using Portico.Proxy.Services;

namespace Portico.Proxy.Nftables;

/// <summary>Keys and data as the kernel has them: each field of a concatenation is padded to four bytes; slots are in the machine's byte order.</summary>
internal static class ElementKeys
{
    public static ElementBytes Of(IPAddress address) => new(address.GetAddressBytes());

    public static ElementBytes Of(FrontendKey key) => Build(key, 0, out _);

    public static ElementBytes Of(FrontendKey key, int slot)
    {
        var bytes = Build(key, 4, out var rest);
        BitConverter.TryWriteBytes(rest.Span, slot);
        return bytes;
    }

    public static ElementBytes Of(FrontendKey key, IPAddress source)
    {
        var bytes = Build(key, AddressLength(key), out var rest);
        source.TryWriteBytes(rest.Span, out _);
        return bytes;
    }

    /// <summary>The key of the connections of a frontend that its endpoint has got.</summary>
    public static ElementBytes Of(FrontendKey key, EndpointAddress endpoint)
    {
        var bytes = Build(key, AddressLength(key) + 4, out var rest);
        Of(endpoint).Span.CopyTo(rest.Span);
        return bytes;
    }

    /// <summary>Protocol . address . port: the order that <see cref="AffinityChains"/> needs.</summary>
    public static ElementBytes ProtocolFirst(FrontendKey key)
    {
        var length = AddressLength(key);
        var bytes = new byte[length + 8];
        bytes[0] = (byte)key.Protocol;
        key.Address.TryWriteBytes(bytes.AsSpan(4), out _);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(length + 4), key.Port);
        return new(bytes);
    }

    public static ElementBytes Of(EndpointAddress endpoint)
    {
        var length = endpoint.Address.GetAddressBytes().Length;
        var bytes = new byte[length + 4];
        endpoint.Address.TryWriteBytes(bytes, out _);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(length), endpoint.Port);
        return new(bytes);
    }

    /// <summary>The key of a connection of an endpoint with itself: address . address . protocol . port.</summary>
    public static ElementBytes Hairpin(EndpointAddress endpoint, TransportProtocol protocol)
    {
        var address = endpoint.Address.GetAddressBytes();
        return new([.. address, .. Of(new FrontendKey(endpoint.Address, protocol, endpoint.Port)).Span]);
    }

    /// <summary>Reads back the key and slot of an element of the endpoints map.</summary>
    public static bool TryReadSlot(ElementBytes bytes, int addressLength, out FrontendKey? key, out int slot)
    {
        (key, slot) = (null, 0);
        if (bytes.Span.Length != addressLength + 12)
        {
            return false;
        }

        key = ReadFrontend(bytes.Span, addressLength);
        slot = BitConverter.ToInt32(bytes.Span[(addressLength + 8)..]);
        return true;
    }

    /// <summary>Reads back the data of an element of the endpoints map. Which node it is on is not in the kernel.</summary>
    public static EndpointAddress ReadEndpoint(ElementBytes bytes, int addressLength) =>
        new(new(bytes.Span[..addressLength]), BinaryPrimitives.ReadUInt16BigEndian(bytes.Span[addressLength..]), IsLocal: false);

    /// <summary>Reads back the key of a frontend, or of one with its endpoint.</summary>
    public static bool TryReadConnections(ElementBytes bytes, int addressLength, out FrontendKey? key, out EndpointAddress? endpoint)
    {
        key = bytes.Span.Length >= addressLength + 8 ? ReadFrontend(bytes.Span, addressLength) : null;
        endpoint = bytes.Span.Length == (addressLength * 2) + 12 ? ReadEndpoint(new([.. bytes.Span[(addressLength + 8)..]]), addressLength) : null;
        return key is not null;
    }

    /// <summary>Reads back the Service port of an element of an affinity map: client . protocol . address . port.</summary>
    public static bool TryReadAffinity(ElementBytes bytes, int addressLength, out FrontendKey? port)
    {
        var span = bytes.Span;
        port = span.Length != (addressLength * 2) + 8
            ? null
            : new(
                new(span[(addressLength + 4)..^4]), (TransportProtocol)span[addressLength], BinaryPrimitives.ReadUInt16BigEndian(span[^4..]));
        return port is not null;
    }

    private static FrontendKey ReadFrontend(ReadOnlySpan<byte> span, int addressLength) =>
        new(new(span[..addressLength]), (TransportProtocol)span[addressLength], BinaryPrimitives.ReadUInt16BigEndian(span[(addressLength + 4)..]));

    private static ElementBytes Build(FrontendKey key, int extra, out Memory<byte> rest)
    {
        var length = AddressLength(key);
        var bytes = new byte[length + 8 + extra];
        key.Address.TryWriteBytes(bytes, out _);
        bytes[length] = (byte)key.Protocol;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(length + 4), key.Port);
        rest = bytes.AsMemory(length + 8);
        return new(bytes);
    }

    private static int AddressLength(FrontendKey key) => key.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? 16 : 4;
}
