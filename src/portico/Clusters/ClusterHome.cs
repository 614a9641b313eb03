using Portico.Net.Namespaces;

namespace Portico.Cli.Clusters;

/// <summary>The files and namespaces of one local cluster, by name.</summary>
public sealed record ClusterHome(string Name, string Root)
{
    public string SpecFile => Path.Combine(Root, "cluster.json");

    public string DefaultData => Path.Combine(Root, "data");

    public string Pki => Path.Combine(Root, "pki");

    public string Kubeconfig => Path.Combine(Root, "kubeconfig");

    /// <summary>What belongs to the running cluster only; removed when it stops.</summary>
    public string Run => Path.Combine(Root, "run");

    /// <summary>Written once the cluster's network and credentials are there.</summary>
    public string SupervisorPid => Path.Combine(Run, "supervisor.pid");

    public string SupervisorLog => Path.Combine(Root, "supervisor.log");

    public string NamespacePrefix => $"portico-{Name}-";

    public NetworkNamespace LanNamespace => new(NamespacePrefix + "lan");

    public NetworkNamespace ClientNamespace => new(NamespacePrefix + "client");

    /// <summary>Where all clusters are: PORTICO_HOME, or ~/.portico.</summary>
    public static string Clusters =>
        Environment.GetEnvironmentVariable("PORTICO_HOME") is { Length: > 0 } home
            ? Path.GetFullPath(home)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".portico");

    public static ClusterHome Of(string name) => new(name, Path.Combine(Clusters, name));

    /// <summary>A name becomes part of namespace names and paths: a DNS label of at most 20 characters.</summary>
    public static bool IsValidName(string name) =>
        name.Length is > 0 and <= 20 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && name[0] != '-' && name[^1] != '-';

    public NetworkNamespace NodeNamespace(int node) => new(NamespacePrefix + ClusterAddresses.NodeName(node));

    public string NodeRun(int node) => Path.Combine(Run, ClusterAddresses.NodeName(node));

    public string NodeKubeconfig(int node) => Path.Combine(Root, $"{ClusterAddresses.NodeName(node)}.kubeconfig");
}
