using System.Collections.Immutable;
using Portico.Api.Kinds;
using Portico.Net.Packets;

namespace Portico.Addresses.Allocations;

/// <summary>Who shall have which address, and who can't have what he asks for. A Service that wants an address is in one of the two, or in both.</summary>
/// <param name="Problems">A Service with a problem and an assignment keeps the address that it has, until the one that it asks for is free.</param>
public sealed record AllocationPlan(ImmutableSortedDictionary<ObjectKey, IPv4> Assignments, ImmutableSortedDictionary<ObjectKey, string> Problems);
