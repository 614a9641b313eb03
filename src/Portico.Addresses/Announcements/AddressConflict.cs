using System.Net;
using Portico.Net.Packets;

namespace Portico.Addresses.Announcements;

/// <summary>Somebody else on the link says that an address is theirs.</summary>
/// <param name="Other">Their hardware address.</param>
public sealed record AddressConflict(IPAddress Address, MacAddress Other);
