namespace Portico.Api.Schemas;

/// <summary>What a value of a field is on the wire.</summary>
public enum SchemaType
{
    /// <summary>Any JSON value: nothing below it is checked.</summary>
    Any,
    String,
    Int32,
    Int64,
    Number,
    Boolean,

    /// <summary>A 32-bit number, or a text such as "25%" or "http".</summary>
    IntOrString,

    /// <summary>A text such as "100m", or a number.</summary>
    Quantity,

    /// <summary>RFC 3339, whole seconds.</summary>
    Time,

    /// <summary>RFC 3339 with microseconds.</summary>
    MicroTime,

    /// <summary>Base64 in a text.</summary>
    Bytes,
    Object,
    Map,
    List,
}
