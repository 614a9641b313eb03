using System.ComponentModel;

namespace Portico.Net.Netlink;

/// <summary>The kernel refused a netlink request.</summary>
public sealed class NetlinkException(string what, int errno) : IOException($"{what}: {new Win32Exception(errno).Message} (errno {errno})")
{
    public const int NoEntry = 2; // ENOENT
    public const int NoBuffers = 105; // ENOBUFS

    public int Errno { get; } = errno;
}
