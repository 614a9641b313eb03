using System.Net.Sockets;
using Portico.Net.Packets;
using Portico.Net.Vrrp;

namespace Portico.Addresses.Vrrp;

/// <summary>Where groups answer for their addresses, and as whom.</summary>
/// <param name="Mac">Null: the interface's own.</param>
internal readonly record struct VrrpPlace(string Interface, AddressFamily Family, MacAddress? Mac)
{
    public static VrrpPlace Of(VrrpGroupOptions options) => new(
        options.Interface, options.Family, options.UseVirtualMac ? VrrpPacket.VirtualMac(options.Family, options.VirtualRouterId) : null);
}
