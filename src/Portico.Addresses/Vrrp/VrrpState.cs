namespace Portico.Addresses.Vrrp;

/// <summary>RFC 9568, section 6.4; RFC 3768 calls Active Master.</summary>
public enum VrrpState
{
    Initialize,
    Backup,
    Active,
}
