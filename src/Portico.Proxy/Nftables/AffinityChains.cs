using System.Globalization;
using Portico.Net.Netlink;
using Portico.Net.Nftables;
using Portico.Proxy.Services;

namespace Portico.Proxy.Nftables;

/// <summary>
/// The chains of sessionAffinity, as rules of the kernel: <c>nft</c> has no words for a key of which a part is looked up, and 1.0.6 fails on updates of
/// maps whose key is longer than 16 bytes. Pure.
/// </summary>
/// <remarks>
/// The key is client . protocol . address . port, where the last two are those of the Service port's first frontend (map service-ports). It is built in
/// place: the map's value overwrites the frontend it was asked for. When <c>nft list</c> reads a rule it follows the registers, and it aborts at a
/// key with a looked-up part. Therefore the protocol, which is the same in both, comes first in that map and is loaded again after the look-up:
/// <c>nft</c> then sees a key of four plain loads, and the comment tells what it does not see.
/// </remarks>
internal sealed class AffinityChains(int addressLength)
{
    private const string StickyPrefix = "sticky-";
    private const string RememberPrefix = "remember-";
    private const string ApartPrefix = "external-";

    // Registers: an address takes four over IPv6 and one over IPv4, everything else one.
    private readonly int _protocol = addressLength / 4;
    private readonly int _address = (addressLength / 4) + 1;
    private readonly int _port = (addressLength / 2) + 1;
    private readonly int _endpointAddress = (addressLength / 2) + 2;
    private readonly int _endpointPort = (addressLength * 3 / 4) + 2;
    private readonly bool _ipv6 = addressLength == 16;

    /// <summary>Where clients are remembered.</summary>
    /// <param name="apart">As <see cref="Frontend.ChoosesApart"/>.</param>
    public static string Map(bool apart) => apart ? Layout.ExternalAffinity : Layout.Affinity;

    /// <summary>The chain that sends known clients to their endpoint, and others to the chain <paramref name="choice"/>.</summary>
    public static string Sticky(string choice, bool apart) => StickyPrefix + (apart ? ApartPrefix : "") + choice;

    /// <summary>The chain that remembers where a client went.</summary>
    public static string Remember(TimeSpan timeout, bool apart) =>
        RememberPrefix + (apart ? ApartPrefix : "") + ((int)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    public static bool Has(string chain) => chain.StartsWith(StickyPrefix, StringComparison.Ordinal) || chain.StartsWith(RememberPrefix, StringComparison.Ordinal);

    /// <summary>The chain that a sticky one goes to for a new client; null when it is no sticky one.</summary>
    public static string? Choice(string chain) => chain.StartsWith(StickyPrefix, StringComparison.Ordinal) ? WithoutPrefix(chain, StickyPrefix, out _) : null;

    public RuleChain Build(string chain)
    {
        if (chain.StartsWith(StickyPrefix, StringComparison.Ordinal))
        {
            var choice = WithoutPrefix(chain, StickyPrefix, out var apart);
            return new(chain, [Send(Map(apart)), new Rule("a new client").GoTo(choice)]);
        }

        var seconds = WithoutPrefix(chain, RememberPrefix, out var isApart);
        return new(chain, [Keep(Map(isApart), TimeSpan.FromSeconds(int.Parse(seconds, NumberStyles.None, CultureInfo.InvariantCulture)))]);
    }

    private static string WithoutPrefix(string chain, string prefix, out bool apart)
    {
        var rest = chain[prefix.Length..];
        apart = rest.StartsWith(ApartPrefix, StringComparison.Ordinal);
        return apart ? rest[ApartPrefix.Length..] : rest;
    }

    private Rule Send(string map)
    {
        var rule = NewRule().LoadPayload(Rule.NetworkHeader, _ipv6 ? 8u : 12u, (uint)addressLength, 0).LoadProtocol(_protocol);
        return LookUpPort(LoadDestination(rule, _address, _port))
            .Lookup(map, 0, _endpointAddress)
            .TranslateDestination(_ipv6 ? NetlinkConstants.FamilyIPv6 : NetlinkConstants.FamilyIPv4, _endpointAddress, _endpointPort);
    }

    // The destination was translated before this chain. Deleted first, because update keeps the endpoint that is there and only renews the time.
    private Rule Keep(string map, TimeSpan timeout)
    {
        var rule = NewRule()
            .LoadOriginal(_ipv6 ? ConntrackKey.SourceIPv6 : ConntrackKey.SourceIPv4, 0)
            .LoadProtocol(_protocol)
            .LoadOriginal(_ipv6 ? ConntrackKey.DestinationIPv6 : ConntrackKey.DestinationIPv4, _address)
            .LoadOriginal(ConntrackKey.DestinationPort, _port);
        return LoadDestination(LookUpPort(rule), _endpointAddress, _endpointPort)
            .Delete(map, 0, _endpointAddress)
            .Update(map, 0, _endpointAddress, timeout);
    }

    private static Rule NewRule() => new("address and port of the key are those that service-ports has for them");

    private Rule LoadDestination(Rule rule, int address, int port) => rule
        .LoadPayload(Rule.NetworkHeader, _ipv6 ? 24u : 16u, (uint)addressLength, address)
        .LoadPayload(Rule.TransportHeader, 2, 2, port);

    private Rule LookUpPort(Rule rule) => rule.Lookup(Layout.ServicePorts, _protocol, _protocol).LoadProtocol(_protocol);
}
