using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Portico.Node.Agents;

/// <summary>Who a node is and where it keeps its files.</summary>
public sealed record NodeAgentOptions
{
    public required string ClusterName { get; init; }

    public required string NodeName { get; init; }

    /// <summary>The node's address on the LAN; its HTTPS server listens there.</summary>
    public required IPAddress NodeAddress { get; init; }

    /// <summary>The agent's own directory: pods' records, logs and volumes. Made when missing, readable by the owner only.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Absolute path of the portico binary, which the images <c>portico.dev/NAME:1</c> run with NAME as the verb.</summary>
    public required string ProgramPath { get; init; }

    /// <summary>Names of the images <c>portico.dev/NAME:1</c> that there are.</summary>
    public IReadOnlyList<string> BuiltInImages { get; init; } = ["echo", "gateway"];

    public IPAddress ClusterDns { get; init; } = IPAddress.Parse("10.96.0.10");

    public string ClusterDomain { get; init; } = "cluster.local";

    public required X509Certificate2 ServingCertificate { get; init; }

    /// <summary>Signs the client certificates that the HTTPS server accepts; pods get it as <c>ca.crt</c>.</summary>
    public required X509Certificate2 Authority { get; init; }

    /// <summary>Where pods find the API server: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT.</summary>
    public required Uri ApiServerForPods { get; init; }

    /// <summary>Port of the HTTPS server.</summary>
    public int Port { get; init; } = 10250;

    public TimeSpan LeaseRenewal { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How often the node's status is written although nothing changed.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>True: when the agent is asked to stop, it stops its pods. A killed agent leaves them to the next one in either case.</summary>
    public bool StopPods { get; init; } = true;

    /// <summary>Time for pods to end by themselves when the agent stops.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Name of the network namespace that is the node. Null: the one that this process is in.</summary>
    public string? NodeNamespace { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
