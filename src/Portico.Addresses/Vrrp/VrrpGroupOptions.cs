using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Portico.Net.Vrrp;

namespace Portico.Addresses.Vrrp;

/// <summary>One virtual router: a group of addresses of one family that are at one of several routers.</summary>
public sealed record VrrpGroupOptions
{
    private const int LongestInterval = 4095; // twelve bits, RFC 9568, section 5.2.7
    private const int LongestIntervalV2 = 255 * CentisecondsPerSecond;
    private const int CentisecondsPerSecond = 100;
    private const int MostAddressesIPv6 = 90; // what fits a packet of 1500 bytes
    private const int MostAddressesIPv4 = 255;
    private const int LongestPassword = 8;

    /// <summary>What it is called here; no part of the protocol.</summary>
    public required string Name { get; init; }

    public required string Interface { get; init; }

    /// <summary>From 1 to 255, one for each group and family on a link.</summary>
    public required byte VirtualRouterId { get; init; }

    /// <summary>Those that are advertised: the same at all routers of the group, all of one family. In IPv6 the first should be link-local (RFC 9568, section 5.2.9).</summary>
    public required ImmutableArray<IPAddress> Addresses { get; init; }

    /// <summary>Go with the group but are not advertised, so that they may differ for a while between its routers.</summary>
    public ImmutableArray<IPAddress> ExcludedAddresses { get; init; } = [];

    public VrrpVersion Version { get; init; } = VrrpVersion.V3;

    /// <summary>From 1 to 254; 255 for the owner of the addresses, which then must be its own.</summary>
    public byte Priority { get; init; } = 100;

    /// <summary>In hundredths of a second; whole seconds in version 2.</summary>
    public int Interval { get; init; } = CentisecondsPerSecond;

    /// <summary>Takes over from a router of lower priority that works.</summary>
    public bool Preempt { get; init; } = true;

    /// <summary>How long such a router is left alone, after start-up and after it was first heard.</summary>
    public TimeSpan PreemptDelay { get; init; }

    /// <summary>Binds the addresses while active, so that programs of this machine get their packets. Otherwise they are only answered for.</summary>
    public bool AcceptMode { get; init; }

    /// <summary>Uses the virtual router's hardware address, on a macvlan of its own; otherwise that of the interface.</summary>
    public bool UseVirtualMac { get; init; }

    /// <summary>Null: the interface's first address; in IPv6 its link-local one, or, for unicast peers elsewhere, its first other.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>When there are any, advertisements go to them, and are taken from them, alone.</summary>
    public ImmutableArray<IPAddress> UnicastPeers { get; init; } = [];

    /// <summary>Version 2 only; version 3 has none.</summary>
    public VrrpAuthenticationType Authentication { get; init; }

    /// <summary>Of <see cref="Authentication"/>: up to eight bytes.</summary>
    public string? Password { get; init; }

    /// <summary>Null: as the peer that was heard last, and with the pseudo-header until then.</summary>
    public VrrpChecksum? Checksum { get; init; }

    /// <summary>Groups of one name here are active together or not at all. They should have one priority.</summary>
    public string? SyncGroup { get; init; }

    public ImmutableArray<VrrpTrack> Tracks { get; init; } = [];

    public AddressFamily Family => Addresses.IsEmpty ? AddressFamily.Unspecified : Addresses[0].AddressFamily;

    internal TimeSpan IntervalTime => Centiseconds(Interval);

    internal ulong PasswordBytes => VrrpAdvertisement.PasswordOf(Encoding.UTF8.GetBytes(Password ?? ""));

    internal static TimeSpan Centiseconds(int count) => TimeSpan.FromMilliseconds(10 * count);

    /// <summary>What another value makes a new virtual router of; everything else changes in the running one.</summary>
    internal object Identity => (
        (Interface, VirtualRouterId, Family, Version, Interval, Preempt), (PreemptDelay, AcceptMode, UseVirtualMac, Source), (Authentication, Password, UnicastPeers.IsEmpty));

    /// <returns>Why it cannot work; empty when it can.</returns>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        Check(Interface is { Length: > 0 }, "interface: has to be named");
        Check(VirtualRouterId != 0, "virtualRouterId: 0 is outside 1-255");
        Check(Priority != 0, "priority: 0 is outside 1-255");
        Check(!Addresses.IsEmpty, "addresses: there has to be at least one");
        Check(Addresses.Concat(ExcludedAddresses).Concat(UnicastPeers).All(address => address.AddressFamily == Family), "addresses: all addresses and peers have to be of one family");
        Check(Source is null || Source.AddressFamily == Family, $"source: {Source} is of another family than the addresses");
        var most = Family == AddressFamily.InterNetwork ? MostAddressesIPv4 : MostAddressesIPv6;
        Check(Addresses.Length <= most, $"addresses: {Addresses.Length} do not fit an advertisement, which has room for {most}; make the others excludedAddresses");
        Check(PreemptDelay >= TimeSpan.Zero, "preemptDelay: is negative");
        Check(!UseVirtualMac || UnicastPeers.IsEmpty, "useVirtualMac: unicast peers cannot be reached from a virtual hardware address");
        Check(Tracks.All(static track => Math.Abs(track.Weight) < VrrpMachine.Owner - 1), "tracks: a weight is outside -253-253");
        if (Version == VrrpVersion.V2)
        {
            Check(Family != AddressFamily.InterNetworkV6, "version: 2 has no IPv6");
            Check(Interval is > 0 and <= LongestIntervalV2 && Interval % CentisecondsPerSecond == 0, $"interval: {Interval} is not 1-255 whole seconds, as version 2 needs it");
            Check(Authentication == VrrpAuthenticationType.None || Encoding.UTF8.GetByteCount(Password ?? "") is > 0 and <= LongestPassword, "password: has to have 1-8 bytes");
        }
        else
        {
            Check(Interval is > 0 and <= LongestInterval, $"interval: {Interval} is outside 1-{LongestInterval} hundredths of a second");
            Check(Authentication == VrrpAuthenticationType.None, "authentication: version 3 has none (RFC 9568, section 9)");
        }

        return problems;

        void Check(bool good, string problem)
        {
            if (!good)
            {
                problems.Add($"vrrp group {Name}: {problem}");
            }
        }
    }
}
