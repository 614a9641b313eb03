namespace Portico.Server.Protobuf;

internal enum FieldShape
{
    Single,
    Repeated,
    Map,

    /// <summary>Its fields stand in the JSON object around it.</summary>
    Inline,
}

/// <param name="Type">s text, i integer, b bool, y bytes; time, microtime, intorstring, quantity; else the name of a message.</param>
internal sealed record MessageField(string Name, FieldShape Shape, string Type);
