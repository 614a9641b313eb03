namespace Portico.Addresses.Vrrp;

/// <summary>A program: succeeds while at least one process of this name runs.</summary>
/// <param name="Process">As <c>/proc/PID/comm</c> has it, which is cut after 15 bytes.</param>
public sealed record ProcessTrack(string Process) : VrrpTrack
{
    public override string Name => $"process {Process}";
}
