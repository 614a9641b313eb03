using Portico.Net.Mounts;

namespace Portico.Node.Containers;

/// <summary>Everything that one run of a container needs.</summary>
internal sealed record ContainerStart
{
    public required string Hostname { get; init; }

    public required IReadOnlyList<string> CommandLine { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public string? WorkingDirectory { get; init; }

    public required IReadOnlyList<BindMount> Mounts { get; init; }

    /// <summary>Standard output and error are appended to it.</summary>
    public required string LogFile { get; init; }

    /// <summary>The exit code is written to it, whether or not an agent runs then.</summary>
    public required string ExitFile { get; init; }
}
