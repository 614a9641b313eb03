namespace Portico.Api.Objects;

/// <summary>meta/v1 LabelSelector as it stands in a spec; <see cref="Selectors.LabelMatcher"/> evaluates it.</summary>
public sealed record LabelSelector
{
    public IReadOnlyDictionary<string, string> MatchLabels { get => field ?? Empty.Map; init; }

    public IReadOnlyList<LabelSelectorRequirement> MatchExpressions { get => field ?? []; init; }
}

public sealed record LabelSelectorRequirement
{
    public string Key { get => field ?? ""; init; }

    /// <summary>In, NotIn, Exists or DoesNotExist.</summary>
    public string Operator { get => field ?? ""; init; }

    public IReadOnlyList<string> Values { get => field ?? []; init; }
}
