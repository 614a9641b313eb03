using System.Net;

namespace Portico.Proxy.Services;

/// <summary>
/// The lookup table of Maglev (Eisenbud et al., NSDI 2016, section 3.4): the same on every node, nearly even, and an endpoint that comes or
/// goes moves little more than its own share. Pure.
/// </summary>
internal static class MaglevTable
{
    // Primes. Slots per endpoint decide how even the shares are; ten are within a few percent.
    private const int Small = 1021;
    private const int Large = 16381;
    private const int SmallLimit = 100;

    /// <summary>How many slots there are for so many endpoints.</summary>
    public static int SizeFor(int endpoints) => endpoints == 0 ? 0 : endpoints <= SmallLimit ? Small : Large;

    /// <param name="endpoints">In ascending order, so that every node sees the same.</param>
    public static EndpointAddress[] Build(ValueList<EndpointAddress> endpoints)
    {
        var slots = new EndpointAddress[SizeFor(endpoints.Count)];
        var (next, skip) = (new int[endpoints.Count], new int[endpoints.Count]);
        for (var index = 0; index < endpoints.Count; index++)
        {
            var hash = Hash(endpoints[index]);
            next[index] = (int)((uint)hash % slots.Length);
            skip[index] = (int)((uint)(hash >> 32) % (slots.Length - 1)) + 1;
        }

        for (var filled = 0; filled < slots.Length;)
        {
            for (var index = 0; index < endpoints.Count && filled < slots.Length; index++, filled++)
            {
                while (slots[next[index]] is not null)
                {
                    next[index] = (next[index] + skip[index]) % slots.Length;
                }

                slots[next[index]] = endpoints[index];
            }
        }

        return slots;
    }

    // FNV-1a, then the finalizer of SplitMix64, because addresses differ in few bits. Must never change: nodes of two releases must agree.
    private static ulong Hash(EndpointAddress endpoint)
    {
        Span<byte> bytes = stackalloc byte[18];
        endpoint.Address.TryWriteBytes(bytes, out var length);
        BitConverter.TryWriteBytes(bytes[length..], IPAddress.HostToNetworkOrder((short)endpoint.Port));
        var hash = 14695981039346656037;
        foreach (var value in bytes[..(length + 2)])
        {
            hash = (hash ^ value) * 1099511628211;
        }

        hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
        hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
        return hash ^ (hash >> 31);
    }
}
