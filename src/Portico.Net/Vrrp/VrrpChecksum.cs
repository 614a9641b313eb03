namespace Portico.Net.Vrrp;

/// <summary>What the checksum of a message of version 3 over IPv4 covers. Over IPv6 it is always the pseudo-header too, in version 2 never.</summary>
public enum VrrpChecksum
{
    /// <summary>A pseudo-header and the message: how keepalived and most open routers read RFC 5798.</summary>
    PseudoHeader,

    /// <summary>The message alone: RFC 9568, section 5.2.8, and Cisco's and Juniper's reading of RFC 5798.</summary>
    MessageOnly,
}
