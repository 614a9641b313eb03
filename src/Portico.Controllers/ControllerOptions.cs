namespace Portico.Controllers;

/// <summary>What the controllers of the embedded control plane have to know about their cluster.</summary>
public sealed record ControllerOptions
{
    /// <summary>PEM of the authority that signed the API server's certificate; published as ConfigMap <c>kube-root-ca.crt</c> in every namespace.</summary>
    public required string CertificateAuthorityPem { get; init; }

    /// <summary>Where nodes get their pod networks from, in CIDR notation.</summary>
    public string PodNetwork { get; init; } = "10.244.0.0/16";

    /// <summary>Length of the prefix that each node gets.</summary>
    public int NodePrefixLength { get; init; } = 24;

    /// <summary>How often node leases are judged.</summary>
    public TimeSpan NodeMonitorPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A node whose lease is not renewed for this long is unreachable. Several times the agents' renewal interval.</summary>
    public TimeSpan NodeMonitorGracePeriod { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>Pods of a node that is unreachable for this long are deleted, so that others take their place.</summary>
    public TimeSpan PodEvictionTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Everything is looked at again this often: the bound on how long a change that nobody reported goes unseen.</summary>
    public TimeSpan ResyncPeriod { get; init; } = TimeSpan.FromMinutes(1);
}
