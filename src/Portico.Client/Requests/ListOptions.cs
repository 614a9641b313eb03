namespace Portico.Client.Requests;

/// <summary>Which objects of a kind are meant.</summary>
public sealed record ListOptions
{
    public static readonly ListOptions All = new();

    /// <summary>Empty: every namespace.</summary>
    public string Namespace { get; init; } = "";

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }
}
