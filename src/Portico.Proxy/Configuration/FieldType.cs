namespace Portico.Proxy.Configuration;

/// <summary>How the value of a configuration field is written.</summary>
internal enum FieldType
{
    Text,
    Boolean,
    Integer,
    Number,
    Duration,

    /// <summary>Texts; in a flag with commas between them.</summary>
    List,

    /// <summary>Anything: fields that are known, but without effect here.</summary>
    Any,
}
