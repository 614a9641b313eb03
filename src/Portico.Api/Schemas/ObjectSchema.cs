using System.Collections.Frozen;

namespace Portico.Api.Schemas;

/// <summary>The fields of an object, in the order in which <c>kubectl explain</c> shows them.</summary>
public sealed class ObjectSchema
{
    /// <summary>An object of a kind that nothing is known of: every field is accepted.</summary>
    public static readonly ObjectSchema Unknown = new("", "", static () => []) { IsOpen = true };

    private readonly Lazy<(IReadOnlyList<FieldSchema> List, FrozenDictionary<string, FieldSchema> ByName)> _fields;

    internal ObjectSchema(string name, string description, Func<IReadOnlyList<FieldSchema>> fields)
    {
        Name = name;
        Description = description;
        _fields = new(() =>
        {
            var list = fields();
            return (list, list.ToFrozenDictionary(field => field.Name, StringComparer.Ordinal));
        });
    }

    /// <summary>Upstream's definition name, as "io.k8s.api.core.v1.PodSpec".</summary>
    public string Name { get; }

    public string Description { get; }

    /// <summary>Fields that are not listed are accepted too.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Server-side apply owns the object as a whole (x-kubernetes-map-type: atomic); patches merge it like any other.</summary>
    public bool IsAtomic { get; init; }

    public IReadOnlyList<FieldSchema> Fields => _fields.Value.List;

    public FieldSchema? Field(string name) => _fields.Value.ByName.GetValueOrDefault(name);
}
