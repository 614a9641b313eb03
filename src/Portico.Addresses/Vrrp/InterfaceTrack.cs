namespace Portico.Addresses.Vrrp;

/// <summary>Another interface: succeeds while it is up and has a carrier. The group's own is always tracked.</summary>
public sealed record InterfaceTrack(string Interface) : VrrpTrack
{
    public override string Name => $"interface {Interface}";
}
