namespace Portico.Api.Objects;

public sealed record Affinity
{
    public NodeAffinity? NodeAffinity { get; init; }
}

public sealed record NodeAffinity
{
    public NodeSelector? RequiredDuringSchedulingIgnoredDuringExecution { get; init; }
}

/// <summary>Matches a node that any of the terms matches; a term, one that all of its requirements match.</summary>
public sealed record NodeSelector
{
    public IReadOnlyList<NodeSelectorTerm> NodeSelectorTerms { get => field ?? []; init; }
}

public sealed record NodeSelectorTerm
{
    /// <summary>Operators are In, NotIn, Exists, DoesNotExist, Gt and Lt.</summary>
    public IReadOnlyList<LabelSelectorRequirement> MatchExpressions { get => field ?? []; init; }

    /// <summary>Only of the field metadata.name.</summary>
    public IReadOnlyList<LabelSelectorRequirement> MatchFields { get => field ?? []; init; }
}
