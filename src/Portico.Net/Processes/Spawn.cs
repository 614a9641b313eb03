using System.Runtime.InteropServices;

namespace Portico.Net.Processes;

/// <summary>A program to start: no shell, no search path, only the environment that is given. It becomes the leader of its own session.</summary>
public sealed record Spawn
{
    /// <summary>Absolute path.</summary>
    public required string Program { get; init; }

    /// <summary>Without the program's name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Entries as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Null: that of the caller. Looked up inside the process's own mount namespace.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The process's file descriptors 0, 1, 2, 3, …; each must stay open until the process was started.</summary>
    public required IReadOnlyList<SafeHandle> Handles { get; init; }
}
