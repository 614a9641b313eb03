namespace Portico.Server.Resources;

/// <param name="Absent">What an object without the field counts as.</param>
internal sealed record SelectableField(string[] Path, string Absent);
