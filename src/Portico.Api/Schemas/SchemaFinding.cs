namespace Portico.Api.Schemas;

/// <summary>Something in an object that does not fit its schema.</summary>
/// <param name="Path">As <c>spec.ports[0].nodePort</c>.</param>
/// <param name="Message">Complete, with the path: <c>unknown field "spec.foo"</c>.</param>
public sealed record SchemaFinding(string Path, string Message);
