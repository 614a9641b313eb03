namespace Portico.Api.Selectors;

/// <summary>One comparison of a <see cref="FieldSelector"/>.</summary>
/// <param name="Path">As <c>status.phase</c>.</param>
/// <param name="Equal">False for <c>!=</c>.</param>
/// <param name="Value">What the field is compared with.</param>
public sealed record FieldTerm(string Path, bool Equal, string Value);
