namespace Portico.Testing.Clusters;

public sealed record LocalClusterOptions
{
    /// <summary>Begins the cluster's name; the rest is chosen so that no other cluster of the machine has it.</summary>
    public string Prefix { get; init; } = "e2e";

    public int Nodes { get; init; } = 2;

    public string ProxyMode { get; init; } = "nftables";

    /// <summary>Files or directories, from the root of the repository or absolute.</summary>
    public IReadOnlyList<string> Manifests { get; init; } = [];

    /// <summary>The program to run. Default: PORTICO_BINARY, or ./portico.</summary>
    public string Binary { get; init; } =
        Environment.GetEnvironmentVariable("PORTICO_BINARY") is { Length: > 0 } binary ? Path.GetFullPath(binary) : Repository.PathOf("portico");

    /// <summary>0 chooses a free one.</summary>
    public int HttpPort { get; init; }

    public TimeSpan UpTimeout { get; init; } = TimeSpan.FromSeconds(90);
}
