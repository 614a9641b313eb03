namespace Portico.Server.Requests;

/// <summary>What happens to fields that the schema does not know.</summary>
internal enum FieldValidation
{
    /// <summary>Kept, and named in Warning headers.</summary>
    Warn,
    Ignore,
    Strict,
}
