namespace Portico.Net.Vrrp;

/// <summary>The Auth Type of version 2: RFC 3768, section 5.3.6, which took over the values of RFC 2338.</summary>
public enum VrrpAuthenticationType : byte
{
    None = 0,

    /// <summary>Eight bytes behind the addresses. Whoever hears an advertisement can read them.</summary>
    SimplePassword = 1,

    /// <summary>An IPsec authentication header with HMAC-MD5-96 in front of the message, as keepalived builds it.</summary>
    AuthenticationHeader = 2,
}
