namespace Portico.Net.Vrrp;

public enum VrrpVersion : byte
{
    /// <summary>RFC 3768: IPv4 only, seconds.</summary>
    V2 = 2,

    /// <summary>RFC 9568: IPv4 and IPv6, hundredths of seconds.</summary>
    V3 = 3,
}
