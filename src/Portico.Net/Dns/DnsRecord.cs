using System.Net;

namespace Portico.Net.Dns;

/// <summary>A record of class IN. Which property is set follows from its type.</summary>
/// <param name="Name">Without a dot at the end.</param>
/// <param name="Ttl">Seconds.</param>
public sealed record DnsRecord(string Name, DnsType Type, uint Ttl)
{
    /// <summary>A and AAAA.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>CNAME, PTR, NS, and the host of SRV; the primary server of SOA.</summary>
    public string Target { get; init; } = "";

    /// <summary>SRV.</summary>
    public ushort Priority { get; init; }

    /// <summary>SRV.</summary>
    public ushort Weight { get; init; }

    /// <summary>SRV.</summary>
    public ushort Port { get; init; }

    /// <summary>SOA: the mailbox.</summary>
    public string Mailbox { get; init; } = "";

    /// <summary>SOA: how long a name that does not exist is remembered; the other numbers are the same for all.</summary>
    public uint Minimum { get; init; }

    /// <summary>TXT.</summary>
    public string Text { get; init; } = "";
}
