namespace Portico.Api.Schemas;

/// <summary>The type of a value; an object's fields stay unread until they are asked for.</summary>
public sealed class ValueSchema
{
    private readonly Lazy<ObjectSchema>? _object;

    internal ValueSchema(SchemaType type, ValueSchema? element = null, Func<ObjectSchema>? target = null, IReadOnlyList<string>? allowed = null)
    {
        Type = type;
        Element = element;
        Enum = allowed ?? [];
        _object = target is null ? null : new(target);
    }

    public SchemaType Type { get; }

    /// <summary>Of a list or map.</summary>
    public ValueSchema? Element { get; }

    /// <summary>Of an object.</summary>
    public ObjectSchema? Object => _object?.Value;

    /// <summary>Allowed texts; empty when any is.</summary>
    public IReadOnlyList<string> Enum { get; }
}
