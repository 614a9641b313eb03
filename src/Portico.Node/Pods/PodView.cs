namespace Portico.Node.Pods;

/// <summary>What the node knows of a pod when its status is computed.</summary>
internal sealed record PodView
{
    public required string HostAddress { get; init; }

    /// <summary>Null: it has none yet.</summary>
    public string? Address { get; init; }

    public DateTimeOffset StartTime { get; init; }

    public bool NetworkReady { get; init; }

    /// <summary>The pod is being stopped: not ready, whatever its probes say.</summary>
    public bool Stopping { get; init; }

    /// <summary>It is stopped for good; otherwise its node only leaves for a while.</summary>
    public bool Deleted { get; init; }

    /// <summary>By container name, init containers too.</summary>
    public required IReadOnlyDictionary<string, ContainerView> Containers { get; init; }

    public ContainerView Of(string container) => Containers.GetValueOrDefault(container);
}
