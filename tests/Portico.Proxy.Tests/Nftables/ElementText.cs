using System.Buffers.Binary;
using System.Net;
using Portico.Net.Nftables;
using Portico.Proxy.Nftables;

namespace Portico.Proxy.Tests.Nftables;

/// <summary>An IPv4 element in the form that nft prints, so that golden files can be read.</summary>
internal static class ElementText
{
    public static string Of(SetElement element)
    {
        var key = element.Set switch
        {
            Layout.ClusterIPs or Layout.BalancerIPs => Address(element.Key.Span),
            Layout.HairpinConnections => $"{Address(element.Key.Span)} . {Frontend(element.Key.Span[4..])}",
            Layout.Endpoints => $"{Frontend(element.Key.Span)} . {BitConverter.ToInt32(element.Key.Span[12..])}",
            Layout.AllowedSources => $"{Frontend(element.Key.Span)} . {Address(element.Key.Span[12..])}-{Address(element.KeyEnd.Span[12..])}",
            Layout.ServicePorts => ProtocolFirst(element.Key.Span),
            _ => Frontend(element.Key.Span),
        };
        var value = element switch
        {
            { Goto: { } chain } => $" : goto {chain}",
            { Data.IsEmpty: true } => "",
            { Set: Layout.ServicePorts } => " : " + ProtocolFirst(element.Data.Span),
            _ => $" : {Address(element.Data.Span)} . {Port(element.Data.Span[4..])}",
        };
        return $"{element.Set} {{ {key}{value} }}";
    }

    private static string Frontend(ReadOnlySpan<byte> span) => $"{Address(span)} . {Protocol(span[4])} . {Port(span[8..])}";

    private static string ProtocolFirst(ReadOnlySpan<byte> span) => $"{Protocol(span[0])} . {Address(span[4..])} . {Port(span[8..])}";

    private static string Protocol(byte number) => number == 6 ? "tcp" : number == 17 ? "udp" : "sctp";

    private static string Address(ReadOnlySpan<byte> span) => new IPAddress(span[..4]).ToString();

    private static ushort Port(ReadOnlySpan<byte> span) => BinaryPrimitives.ReadUInt16BigEndian(span);
}
