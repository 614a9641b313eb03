using System.Collections.Concurrent;
using System.Reflection;
using Portico.Api.Kinds;

namespace Portico.Api.Schemas;

/// <summary>The field structure of every kind that we know: what is checked, patched, explained and published as OpenAPI.</summary>
public static class KindSchemas
{
    private const string Extension = ".schema";

    private static readonly Assembly Here = typeof(KindSchemas).Assembly;

    // File names start with the package's short name, so that only the packages in use are read.
    private static readonly ConcurrentDictionary<string, Lazy<Dictionary<string, ObjectSchema>>> Packages = new(StringComparer.Ordinal);

    /// <summary>The schema of a kind; <see cref="ObjectSchema.Unknown"/>, which accepts every field, when we have none.</summary>
    public static ObjectSchema For(ResourceKind kind) => Find($"{SchemaNames.Package(kind.Group, kind.Version)}.{kind.Kind}") ?? ObjectSchema.Unknown;

    /// <summary>The schema of a group, version and kind, as of the body of a subresource (autoscaling/v1 Scale).</summary>
    public static ObjectSchema For(string group, string version, string kind) =>
        Find($"{SchemaNames.Package(group, version)}.{kind}") ?? ObjectSchema.Unknown;

    /// <summary>A schema by its definition name, as "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"; null when there is none.</summary>
    public static ObjectSchema? Find(string definition)
    {
        var dot = definition.LastIndexOf('.');
        return dot < 0 ? null : Package(definition[..dot]).GetValueOrDefault(definition);
    }

    private static Dictionary<string, ObjectSchema> Package(string package) =>
        Packages.GetOrAdd(package, static name => new(() => Read(name))).Value;

    private static Dictionary<string, ObjectSchema> Read(string package)
    {
        var objects = new Dictionary<string, ObjectSchema>(StringComparer.Ordinal);
        var prefix = $"{package.Split('.')[^2]}.";
        foreach (var resource in Here.GetManifestResourceNames())
        {
            if (!resource.StartsWith(prefix, StringComparison.Ordinal) || !resource.EndsWith(Extension, StringComparison.Ordinal))
            {
                continue;
            }

            using var reader = new StreamReader(Here.GetManifestResourceStream(resource)!);
            foreach (var schema in SchemaFile.Read(resource, reader.ReadToEnd(), Resolve))
            {
                objects.Add(schema.Name, schema);
            }
        }

        return objects;
    }

    private static ObjectSchema Resolve(string definition) =>
        Find(definition) ?? throw new InvalidDataException($"schema {definition} is not defined");
}
