using System.Globalization;
using System.Net;

namespace Portico.Cli.Clusters;

/// <summary>Every name and number of a local cluster. They live in namespaces of its own, so each cluster uses the same ones.</summary>
public static class ClusterAddresses
{
    public const string ServiceCidr = "10.96.0.0/16";
    public const string PodCidr = "10.244.0.0/16";
    public const string LanCidr = "192.168.77.0/24";
    public const string Pool = "192.168.77.200-192.168.77.250";
    public const int LanPrefix = 24;
    public const int ApiPort = 6443;

    /// <summary>Nodes have .11 and up; the pool begins at .200.</summary>
    public const int MaxNodes = 100;

    public static readonly IPAddress Lan = IPAddress.Parse("192.168.77.1");
    public static readonly IPAddress Client = IPAddress.Parse("192.168.77.2");
    public static readonly IPAddress ApiService = IPAddress.Parse("10.96.0.1");
    public static readonly IPAddress Dns = IPAddress.Parse("10.96.0.10");

    /// <param name="node">From 1.</param>
    public static IPAddress Node(int node) => IPAddress.Parse($"192.168.77.{(10 + node).ToString(CultureInfo.InvariantCulture)}");

    public static string NodeName(int node) => $"node{node.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>What the node controller gives to this node: the routes between nodes are laid before it does.</summary>
    public static string NodePodCidr(int node) => $"10.244.{node.ToString(CultureInfo.InvariantCulture)}.0/24";
}
