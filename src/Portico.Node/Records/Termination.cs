namespace Portico.Node.Records;

/// <summary>How a run of a container ended.</summary>
internal sealed record Termination
{
    public required string Id { get; init; }

    public required int ExitCode { get; init; }

    /// <summary>Completed, Error, ContainerStatusUnknown or StartError.</summary>
    public required string Reason { get; init; }

    public string? Message { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset FinishedAt { get; init; }
}
