namespace Portico.Cli.Verbs;

/// <summary>The command line of <c>up</c>. Null: as the cluster was left, or the default of a new one.</summary>
internal sealed record UpOptions
{
    public required string Name { get; init; }

    public required IReadOnlyList<string> Manifests { get; init; }

    public bool Detach { get; init; }

    public int? Nodes { get; init; }

    public string? Data { get; init; }

    public string? ProxyMode { get; init; }

    public int? HttpPort { get; init; }

    public int? HttpsPort { get; init; }

    public int? ApiPort { get; init; }

    public TimeSpan Timeout { get; init; }
}
