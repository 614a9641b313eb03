using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Portico.Proxy.Services;

namespace Portico.Proxy.Iptables;

/// <summary>
/// One rule, written exactly as <c>iptables-save</c> prints it: what is read back compares as text. Where a release prints it otherwise, the chain is
/// written once more at the next start; nothing else comes of it.
/// </summary>
internal sealed class RuleText
{
    private readonly StringBuilder _text = new();

    public RuleText From(IPNetwork? source) => source is { } network ? Add($"-s {network}") : this;

    public RuleText From(LocalDetector pods, bool not = false) =>
        pods.Network is { } network ? Add($"{(not ? "! " : "")}-s {network}") : this;

    public RuleText To(IPAddress destination) => Add($"-d {Host(destination)}");

    /// <summary>Comes after the addresses.</summary>
    public RuleText In(LocalDetector pods, bool not = false) =>
        pods.Interface is { } name ? Add($"{(not ? "! " : "")}-i {name}{(pods.IsPrefix ? "+" : "")}") : this;

    public RuleText Protocol(TransportProtocol protocol) => Add($"-p {Name(protocol)}");

    public RuleText Comment(string comment) => Add($"-m comment --comment \"{comment}\"");

    public RuleText Port(TransportProtocol protocol, int port) => Add($"-m {Name(protocol)} --dport {port}");

    public RuleText Match(string match) => Add($"-m {match}");

    /// <summary>True for the last of each <paramref name="count"/> packets that come here.</summary>
    public RuleText EveryNth(int count) => Add($"-m statistic --mode nth --every {count} --packet 0");

    /// <summary>True for one packet in <paramref name="of"/>.</summary>
    public RuleText OneIn(int of)
    {
        // The kernel has 31 bits, and iptables prints back what became of them.
        const double scale = 0x80000000;
        var probability = Math.Round(scale / of, MidpointRounding.AwayFromZero) / scale;
        return Add(string.Create(CultureInfo.InvariantCulture, $"-m statistic --mode random --probability {probability:F11}"));
    }

    public string Jump(string target) => Add($"-j {target}")._text.ToString();

    public static string Host(IPAddress address) => $"{address}/{(address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32)}";

    public static string Name(TransportProtocol protocol) => protocol.ToString().ToLowerInvariant();

    /// <summary>Reads back which frontend an entry is for.</summary>
    public static bool TryReadKey(string rule, [NotNullWhen(true)] out FrontendKey? key)
    {
        key = null;
        var words = rule.Split(' ');
        if (IPAddress.TryParse(After("-d").Split('/')[0], out var address)
            && Protocols.TryParse(After("-p").ToUpperInvariant(), out var protocol)
            && ushort.TryParse(After("--dport"), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            key = new(address, protocol, port);
        }

        return key is not null;

        string After(string option) => Array.IndexOf(words, option) is >= 0 and var index && index + 1 < words.Length ? words[index + 1] : "";
    }

    private RuleText Add(string part)
    {
        _text.Append(_text.Length == 0 ? "" : " ").Append(part);
        return this;
    }
}
