namespace Portico.Cli.Roles;

/// <summary>The command line of <c>portico node</c>.</summary>
internal sealed record NodeOptions
{
    public string? ConfigFile { get; init; }

    public string? WriteConfigTo { get; init; }

    public bool Cleanup { get; init; }

    public bool InitOnly { get; init; }

    public string? Master { get; init; }

    /// <summary>Flags of the configuration that were given, without dashes.</summary>
    public required IReadOnlyDictionary<string, string> Flags { get; init; }
}
