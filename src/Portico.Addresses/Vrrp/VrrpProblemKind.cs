namespace Portico.Addresses.Vrrp;

/// <summary>What is wrong on the wire or here.</summary>
public enum VrrpProblemKind
{
    /// <summary>No advertisement at all, or a broken one. It is dropped.</summary>
    Malformed,

    /// <summary>It came over a router. It is dropped.</summary>
    HopLimit,

    /// <summary>The sender speaks the other version. It is dropped.</summary>
    Version,

    /// <summary>Another type of authentication, another password, or a replayed packet. It is dropped.</summary>
    Authentication,

    /// <summary>Another interval. Version 2 drops it; version 3 waits by the sender's.</summary>
    Interval,

    /// <summary>Some addresses differ. The advertisement counts: two owners would be worse.</summary>
    Addresses,

    /// <summary>Another virtual router has this id: it has none of our addresses. It is dropped.</summary>
    VirtualRouterId,

    /// <summary>Somebody else sends from our own address. It is dropped.</summary>
    Source,

    /// <summary>Multicast where unicast is configured, or the other way round, or no peer of ours. It is dropped.</summary>
    Peer,

    /// <summary>Somebody else has priority 255 as we do: two routers think that the addresses are their own.</summary>
    Owner,

    /// <summary>Somebody else answers for one of the addresses while we do.</summary>
    Conflict,

    /// <summary>The interface, a tracked thing, or the system does not let the group work.</summary>
    Fault,
}
