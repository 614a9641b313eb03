using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Portico.Net.Interop;

namespace Portico.Net.Packets;

/// <summary>Which frames of an EtherType a <see cref="PacketSocket"/> is given: the kernel drops the others before they cost anything.</summary>
public sealed class PacketFilter
{
    private const int EthernetLength = 14;
    private const ushort LoadByte = 0x30; // BPF_LD | BPF_B | BPF_ABS, linux/bpf_common.h
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K

    private readonly LibC.SockFilter[] _instructions;

    private PacketFilter(params LibC.SockFilter[] instructions) => _instructions = instructions;

    /// <summary>IPv4: VRRP, bare or behind an authentication header.</summary>
    public static PacketFilter VrrpIPv4 { get; } = OneOf(EthernetLength + 9, 112, 51);

    /// <summary>IPv6: VRRP.</summary>
    public static PacketFilter VrrpIPv6 { get; } = OneOf(EthernetLength + 6, 112, 112);

    /// <summary>IPv6: neighbour solicitations and advertisements, which have no extension header.</summary>
    public static PacketFilter Neighbours { get; } = new(
        new() { Code = LoadByte, Operand = EthernetLength + 6 },
        new() { Code = JumpIfEqual, Operand = 58, IfFalse = 4 },
        new() { Code = LoadByte, Operand = EthernetLength + 40 },
        new() { Code = JumpIfEqual, Operand = 135, IfTrue = 1 },
        new() { Code = JumpIfEqual, Operand = 136, IfFalse = 1 },
        new() { Code = Return, Operand = uint.MaxValue },
        new() { Code = Return });

    /// <summary>struct sock_fprog, to be given to SO_ATTACH_FILTER while <paramref name="use"/> runs.</summary>
    internal unsafe void Attach(Action<byte[]> use)
    {
        fixed (LibC.SockFilter* first = _instructions)
        {
            var program = new LibC.SockFilterProgram { Length = (ushort)_instructions.Length, Instructions = first };
            var bytes = new byte[Unsafe.SizeOf<LibC.SockFilterProgram>()];
            MemoryMarshal.Write(bytes, program);
            use(bytes);
        }
    }

    private static PacketFilter OneOf(uint offset, uint first, uint second) => new(
        new() { Code = LoadByte, Operand = offset },
        new() { Code = JumpIfEqual, Operand = first, IfTrue = 1 },
        new() { Code = JumpIfEqual, Operand = second, IfFalse = 1 },
        new() { Code = Return, Operand = uint.MaxValue },
        new() { Code = Return });
}
