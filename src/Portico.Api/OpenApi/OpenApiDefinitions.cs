using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Schemas;

namespace Portico.Api.OpenApi;

/// <summary>The definitions of kinds and of everything that they refer to.</summary>
internal sealed class OpenApiDefinitions
{
    public const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    public const string IntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    public const string Quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";

    private readonly OpenApiDialect _dialect;
    private readonly SortedDictionary<string, JsonObject> _definitions = new(StringComparer.Ordinal);
    private readonly Queue<ObjectSchema> _open = new();

    private OpenApiDefinitions(OpenApiDialect dialect) => _dialect = dialect;

    /// <summary>Definition name of a kind, also of one without a schema.</summary>
    public static string Name(string group, string version, string kind) => $"{SchemaNames.Package(group, version)}.{kind}";

    public static JsonObject Of(IReadOnlyList<ResourceKind> kinds, OpenApiDialect dialect)
    {
        var definitions = new OpenApiDefinitions(dialect);
        foreach (var kind in kinds)
        {
            definitions.Kind(kind);
        }

        definitions.Options();
        while (definitions._open.TryDequeue(out var schema))
        {
            definitions.Define(schema);
        }

        var result = new JsonObject();
        foreach (var (name, definition) in definitions._definitions)
        {
            result[name] = definition;
        }

        return result;
    }

    private void Kind(ResourceKind kind)
    {
        var name = Name(kind.Group, kind.Version, kind.Kind);
        var schema = KindSchemas.For(kind);
        var definition = schema == ObjectSchema.Unknown ? new() { ["type"] = "object" } : Object(schema);
        definition["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiText.GroupVersionKind(kind.Group, kind.Version, kind.Kind));
        _definitions[name] = definition;
        _definitions[$"{name}List"] = new()
        {
            ["description"] = $"A list of {kind.Plural}.",
            ["type"] = "object",
            ["required"] = new JsonArray("items"),
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = new JsonObject { ["type"] = "string", ["description"] = "Group and version of this list." },
                ["items"] = new JsonObject
                {
                    ["type"] = "array",
                    ["description"] = "The objects.",
                    ["items"] = Reference(name, ""),
                },
                ["kind"] = new JsonObject { ["type"] = "string", ["description"] = "What this list holds." },
                ["metadata"] = Target($"{Meta}ListMeta", "Where the list stands in time."),
            },
            ["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiText.GroupVersionKind(kind.Group, kind.Version, $"{kind.Kind}List")),
        };
        if (kind.HasScale)
        {
            var scale = Name("autoscaling", "v1", "Scale");
            Target(scale, "");
        }
    }

    private void Options()
    {
        Target($"{Meta}DeleteOptions", "");
        Target($"{Meta}Status", "");
        _definitions[$"{Meta}Patch"] = new() { ["type"] = "object", ["description"] = "A patch; its form depends on the media type." };
    }

    private void Define(ObjectSchema schema)
    {
        var definition = Object(schema);
        if (schema.Name == $"{Meta}Status")
        {
            definition["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiText.GroupVersionKind("", "v1", "Status"));
        }
        else if (schema.Name == $"{Meta}DeleteOptions")
        {
            definition["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiText.GroupVersionKind("", "v1", "DeleteOptions"));
        }
        else if (schema.Name == Name("autoscaling", "v1", "Scale"))
        {
            definition["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiText.GroupVersionKind("autoscaling", "v1", "Scale"));
        }

        _definitions[schema.Name] = definition;
    }

    private JsonObject Object(ObjectSchema schema)
    {
        var definition = new JsonObject { ["type"] = "object" };
        if (schema.Description.Length > 0)
        {
            definition["description"] = schema.Description;
        }

        var required = new JsonArray();
        var properties = new JsonObject();
        foreach (var field in schema.Fields)
        {
            properties[field.Name] = Field(field);
            if (field.Required)
            {
                required.Add((JsonNode)field.Name);
            }
        }

        if (properties.Count > 0)
        {
            definition["properties"] = properties;
        }

        if (required.Count > 0)
        {
            definition["required"] = required;
        }

        if (schema.IsAtomic)
        {
            definition["x-kubernetes-map-type"] = "atomic";
        }

        return definition;
    }

    private JsonObject Field(FieldSchema field)
    {
        var property = Value(field.Value, field.Description);
        if (field.PatchStrategy != PatchStrategy.Replace)
        {
            property["x-kubernetes-patch-strategy"] = field.PatchStrategy switch
            {
                PatchStrategy.Merge => "merge",
                PatchStrategy.RetainKeys => "retainKeys",
                _ => "merge,retainKeys",
            };
        }

        if (field.MergeKey is { } key)
        {
            property["x-kubernetes-patch-merge-key"] = key;
        }

        if (field.ListType != ListType.None)
        {
            property["x-kubernetes-list-type"] = field.ListType.ToString().ToLowerInvariant();
        }

        if (field.ListMapKeys.Count > 0)
        {
            property["x-kubernetes-list-map-keys"] = new JsonArray([.. field.ListMapKeys.Select(static name => JsonValue.Create(name))]);
        }

        if (field.AtomicMap)
        {
            property["x-kubernetes-map-type"] = "atomic";
        }

        return property;
    }

    private JsonObject Value(ValueSchema value, string description = "")
    {
        switch (value.Type)
        {
            case SchemaType.Object: return Target(value.Object!, description);
            case SchemaType.Quantity: return Scalar(Quantity, description, "string", "number", null);
            case SchemaType.IntOrString: return Scalar(IntOrString, description, "integer", "string", "int-or-string");
            case SchemaType.Time: return Time($"{Meta}Time", description);
            case SchemaType.MicroTime: return Time($"{Meta}MicroTime", description);
        }

        var result = new JsonObject();
        if (description.Length > 0)
        {
            result["description"] = description;
        }

        var (type, format) = value.Type switch
        {
            SchemaType.List => ("array", null),
            SchemaType.String => ("string", null),
            SchemaType.Bytes => ("string", "byte"),
            SchemaType.Int32 => ("integer", "int32"),
            SchemaType.Int64 => ("integer", "int64"),
            SchemaType.Number => ("number", "double"),
            SchemaType.Boolean => ("boolean", (string?)null),
            _ => ("object", null),
        };
        result["type"] = type;
        if (format is not null)
        {
            result["format"] = format;
        }

        if (value.Enum.Count > 0)
        {
            result["enum"] = new JsonArray([.. value.Enum.Select(static name => JsonValue.Create(name))]);
        }

        if (value.Type == SchemaType.List)
        {
            result["items"] = Value(value.Element!);
        }
        else if (value.Type == SchemaType.Map)
        {
            result["additionalProperties"] = Value(value.Element!);
        }

        return result;
    }

    private JsonObject Target(string definition, string description) => Target(KindSchemas.Find(definition) ?? ObjectSchema.Unknown, description);

    private JsonObject Target(ObjectSchema schema, string description)
    {
        if (!_definitions.ContainsKey(schema.Name))
        {
            _definitions[schema.Name] = [];
            _open.Enqueue(schema);
        }

        return Reference(schema.Name, description);
    }

    private JsonObject Scalar(string name, string description, string first, string second, string? format)
    {
        if (!_definitions.ContainsKey(name))
        {
            // OpenAPI 2 has no choice of types; upstream says string there.
            var definition = _dialect == OpenApiDialect.V2
                ? new JsonObject { ["type"] = "string" }
                : new JsonObject { ["oneOf"] = new JsonArray(new JsonObject { ["type"] = first }, new JsonObject { ["type"] = second }) };
            if (format is not null)
            {
                definition["format"] = format;
            }

            _definitions[name] = definition;
        }

        return Reference(name, description);
    }

    private JsonObject Time(string name, string description)
    {
        _definitions.TryAdd(name, new() { ["type"] = "string", ["format"] = "date-time" });
        return Reference(name, description);
    }

    private JsonObject Reference(string name, string description)
    {
        var reference = OpenApiText.Reference(name, _dialect);
        if (description.Length == 0)
        {
            return reference;
        }

        // In OpenAPI 3.0 nothing may stand beside $ref.
        var result = _dialect == OpenApiDialect.V2 ? reference : new() { ["allOf"] = new JsonArray(reference) };
        result["description"] = description;
        return result;
    }
}
