namespace Portico.Net.Dns;

/// <summary>What is answered to a query.</summary>
public sealed record DnsAnswer
{
    public DnsCode Code { get; init; }

    /// <summary>The answer comes from the zone itself.</summary>
    public bool IsAuthoritative { get; init; }

    public IReadOnlyList<DnsRecord> Answers { get; init; } = [];

    /// <summary>The zone's SOA, when there is no such name or no such record.</summary>
    public IReadOnlyList<DnsRecord> Authorities { get; init; } = [];

    public IReadOnlyList<DnsRecord> Additionals { get; init; } = [];
}
