namespace Portico.Addresses.Vrrp;

/// <summary>What a step of <see cref="VrrpMachine"/> asks for, to be done in the order of the bits.</summary>
[Flags]
internal enum VrrpActions
{
    None = 0,

    /// <summary>Stand for the addresses no longer.</summary>
    Withdraw = 1,

    /// <summary>Send an advertisement of priority 0.</summary>
    Resign = 2,

    /// <summary>Send an advertisement.</summary>
    Advertise = 4,

    /// <summary>Stand for the addresses, and tell the network.</summary>
    Announce = 8,
}
