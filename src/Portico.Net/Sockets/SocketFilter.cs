using System.Net;
using Portico.Net.Interop;

namespace Portico.Net.Sockets;

/// <summary>What a socket is given of all that it would hear: the kernel drops the rest before it costs anything. A program of classic BPF.</summary>
public sealed class SocketFilter
{
    private const int EthernetLength = 14;
    private const int PortId = 12; // nlmsg_pid of struct nlmsghdr
    private const ushort LoadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS, which reads as the network would
    private const ushort LoadByte = 0x30; // BPF_LD | BPF_B | BPF_ABS, linux/bpf_common.h
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K

    private readonly LibC.SockFilter[] _instructions;

    private SocketFilter(params LibC.SockFilter[] instructions) => _instructions = instructions;

    /// <summary>IPv4: VRRP, bare or behind an authentication header.</summary>
    public static SocketFilter VrrpIPv4 { get; } = OneOf(EthernetLength + 9, 112, 51);

    /// <summary>IPv6: VRRP.</summary>
    public static SocketFilter VrrpIPv6 { get; } = OneOf(EthernetLength + 6, 112, 112);

    /// <summary>IPv6: neighbour solicitations and advertisements, which have no extension header.</summary>
    public static SocketFilter Neighbours { get; } = new(
        new() { Code = LoadByte, Operand = EthernetLength + 6 },
        new() { Code = JumpIfEqual, Operand = 58, IfFalse = 4 },
        new() { Code = LoadByte, Operand = EthernetLength + 40 },
        new() { Code = JumpIfEqual, Operand = 135, IfTrue = 1 },
        new() { Code = JumpIfEqual, Operand = 136, IfFalse = 1 },
        new() { Code = Return, Operand = uint.MaxValue },
        new() { Code = Return });

    /// <summary>Netlink: what another socket than the one with this id has caused.</summary>
    internal static SocketFilter NotCausedBy(uint portId) => new(
        new() { Code = LoadWord, Operand = PortId },
        new() { Code = JumpIfEqual, Operand = (uint)IPAddress.HostToNetworkOrder((int)portId), IfFalse = 1 },
        new() { Code = Return },
        new() { Code = Return, Operand = uint.MaxValue });

    /// <returns>False: the kernel refused; the last error says why.</returns>
    internal unsafe bool TryAttach(int descriptor)
    {
        fixed (LibC.SockFilter* first = _instructions)
        {
            var program = new LibC.SockFilterProgram { Length = (ushort)_instructions.Length, Instructions = first };
            return LibC.setsockopt(descriptor, LibC.SolSocket, LibC.SoAttachFilter, program, sizeof(LibC.SockFilterProgram)) == 0;
        }
    }

    private static SocketFilter OneOf(uint offset, uint first, uint second) => new(
        new() { Code = LoadByte, Operand = offset },
        new() { Code = JumpIfEqual, Operand = first, IfTrue = 1 },
        new() { Code = JumpIfEqual, Operand = second, IfFalse = 1 },
        new() { Code = Return, Operand = uint.MaxValue },
        new() { Code = Return });
}
