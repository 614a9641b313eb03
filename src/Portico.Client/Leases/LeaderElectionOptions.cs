using Portico.Api.Kinds;

namespace Portico.Client.Leases;

/// <summary>Which lease, and how long. The defaults are those of upstream's components.</summary>
public sealed record LeaderElectionOptions
{
    public required ObjectKey Key { get; init; }

    /// <summary>Unique among the candidates, also over restarts of one of them.</summary>
    public required string Identity { get; init; }

    /// <summary>How long others wait for a holder that does not renew.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a holder works on without being able to renew. Shorter than <see cref="LeaseDuration"/>.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}
