using System.Text.Json.Nodes;

namespace Portico.Client.Connections;

/// <summary>A program that logs in (kubeconfig <c>users[].user.exec</c>).</summary>
public sealed record ExecPluginOptions
{
    public required string Command { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Of ExecCredential, both in and out.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>What the user is told when the program is not there.</summary>
    public string? InstallHint { get; init; }

    /// <summary>For the program, where it asked for it (provideClusterInfo).</summary>
    public JsonObject? Cluster { get; init; }
}
