namespace Portico.Net.Vrrp;

/// <summary>Why a packet is no advertisement that can be used (RFC 9568, section 7.1).</summary>
public enum VrrpError
{
    None,

    /// <summary>Shorter than its fields say, or longer.</summary>
    Length,

    /// <summary>A fragment, or another protocol than VRRP.</summary>
    Protocol,

    /// <summary>The version is neither 2 nor 3, or 2 over IPv6.</summary>
    Version,

    /// <summary>No advertisement: the type is not 1.</summary>
    Type,

    Checksum,

    /// <summary>The virtual router's id is 0, or the interval is.</summary>
    Value,
}
