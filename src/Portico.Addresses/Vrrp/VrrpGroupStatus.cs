using System.Collections.Immutable;
using System.Net;

namespace Portico.Addresses.Vrrp;

/// <summary>How one group is now.</summary>
/// <param name="Priority">With the weights of what is tracked.</param>
/// <param name="Since">When it came to its state.</param>
/// <param name="ActiveRouter">Who was heard last as active; null when it is us, or nobody was.</param>
/// <param name="Transitions">How often it became active.</param>
/// <param name="Faults">Why it is not even backup; empty when it is.</param>
/// <param name="Problems">At most one of a kind, the latest.</param>
public sealed record VrrpGroupStatus(
    string Name,
    VrrpState State,
    byte Priority,
    DateTimeOffset Since,
    IPAddress? ActiveRouter,
    long Transitions,
    ImmutableArray<string> Faults,
    ImmutableArray<VrrpProblem> Problems);
