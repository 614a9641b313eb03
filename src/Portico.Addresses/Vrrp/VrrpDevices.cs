using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Portico.Net.Links;
using Portico.Net.Namespaces;
using Portico.Net.Vrrp;

namespace Portico.Addresses.Vrrp;

/// <summary>
/// What a group that is active needs in the kernel: with a virtual hardware address a macvlan that takes its packets, with accept mode the addresses. A group with
/// neither needs nothing. One caller at a time.
/// </summary>
internal sealed class VrrpDevices(NetworkNamespace? within)
{
    private readonly Dictionary<string, string> _parentSettings = [];
    private readonly Dictionary<string, ImmutableHashSet<IPAddress>> _bound = [];

    /// <exception cref="IOException">The kernel refused.</exception>
    public void Raise(VrrpGroupOptions options, ImmutableHashSet<IPAddress> addresses)
    {
        if (IsIdle(options))
        {
            return;
        }

        using var table = new LinkTable(within);
        var links = table.List();
        if (!links.TryGetValue(options.Interface, out var parent))
        {
            throw new IOException($"interface {options.Interface} does not exist");
        }

        var device = options.UseVirtualMac ? Macvlan(table, links, parent, options) : parent;
        if (options.AcceptMode)
        {
            foreach (var gone in _bound.GetValueOrDefault(options.Name, []).Except(addresses))
            {
                table.Unbind(device, gone);
            }

            foreach (var address in addresses)
            {
                table.Bind(device, address);
            }

            _bound[options.Name] = addresses;
        }
    }

    /// <exception cref="IOException">The kernel refused.</exception>
    public void Lower(VrrpGroupOptions options)
    {
        if (IsIdle(options))
        {
            return;
        }

        using var table = new LinkTable(within);
        var links = table.List();
        if (!links.TryGetValue(options.Interface, out var parent))
        {
            return;
        }

        _bound.Remove(options.Name, out var bound);
        if (!options.UseVirtualMac)
        {
            // Those of a process that was killed are not known to be bound.
            foreach (var address in (bound ?? []).Union([.. options.Addresses, .. options.ExcludedAddresses]))
            {
                table.Unbind(parent, address);
            }
        }
        else if (links.TryGetValue(Name(options, parent), out var device))
        {
            table.Remove(device);
            if (_parentSettings.Remove(device.Name, out var before))
            {
                Write($"ipv4/conf/{parent.Name}/arp_ignore", before);
            }
        }
    }

    // The owner's addresses are its own, bound by whoever configured the machine.
    private static bool IsIdle(VrrpGroupOptions options) => !options.UseVirtualMac && (!options.AcceptMode || options.Priority == VrrpMachine.Owner);

    // The longest is 15 characters, as long as a name may be, up to interface 99999.
    private static string Name(VrrpGroupOptions options, LinkState parent) =>
        $"pvr{(options.Family == AddressFamily.InterNetwork ? 4 : 6)}.{options.VirtualRouterId}.{parent.Index}";

    private LinkState Macvlan(LinkTable table, IReadOnlyDictionary<string, LinkState> links, LinkState parent, VrrpGroupOptions options)
    {
        var name = Name(options, parent);
        if (links.TryGetValue(name, out var device))
        {
            return device;
        }

        device = table.AddMacvlan(name, parent, VrrpPacket.VirtualMac(options.Family, options.VirtualRouterId));
        if (options.Family == AddressFamily.InterNetwork)
        {
            // ARP is ours: the kernel would answer there for every address of this machine. And clients' packets come in here that leave by the parent.
            Write($"ipv4/conf/{name}/arp_ignore", "8");
            Write($"ipv4/conf/{name}/rp_filter", "2");
            if (options.AcceptMode)
            {
                _parentSettings[name] = Read($"ipv4/conf/{parent.Name}/arp_ignore");
                Write($"ipv4/conf/{parent.Name}/arp_ignore", "1");
            }
        }

        var family = options.Family == AddressFamily.InterNetwork ? "ipv4" : "ipv6";
        Write($"{family}/conf/{name}/forwarding", Read($"{family}/conf/{parent.Name}/forwarding"));
        table.SetUp(device, up: true);
        return device;
    }

    private string Read(string setting) => In(() => File.ReadAllText($"/proc/sys/net/{setting}").Trim());

    private void Write(string setting, string value) => In(() =>
    {
        File.WriteAllText($"/proc/sys/net/{setting}", value);
        return 0;
    });

    private T In<T>(Func<T> action) => within is null ? action() : within.Run(action);
}
