using System.Net.Sockets;

namespace Portico.Addresses.Vrrp;

/// <summary>Where advertisements of one family are heard.</summary>
internal readonly record struct VrrpPort(string Interface, AddressFamily Family);
