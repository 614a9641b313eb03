namespace Portico.Api.Schemas;

/// <summary>What <see cref="SchemaChecker"/> found. Unknown fields are kept and warned of unless the client is strict; type errors are refused.</summary>
public sealed record SchemaFindings(IReadOnlyList<SchemaFinding> UnknownFields, IReadOnlyList<SchemaFinding> TypeErrors)
{
    public bool IsClean => UnknownFields.Count == 0 && TypeErrors.Count == 0;
}
