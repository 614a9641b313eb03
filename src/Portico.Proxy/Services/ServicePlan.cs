using System.Collections.Immutable;
using Portico.Api.Kinds;

namespace Portico.Proxy.Services;

/// <summary>All that one Service comes to on this node.</summary>
public sealed record ServicePlan
{
    public required ObjectKey Service { get; init; }

    /// <summary>When two Services ask for the same frontend, the older has it; then the one whose name comes first.</summary>
    public DateTimeOffset Created { get; init; }

    public ImmutableArray<Frontend> Frontends { get => field.IsDefault ? [] : field; init; }

    /// <summary>Null: none.</summary>
    public HealthCheckPort? HealthCheck { get; init; }

    /// <summary>Fields that could not be used; they harm nothing but themselves.</summary>
    public ImmutableArray<string> Problems { get => field.IsDefault ? [] : field; init; }
}
