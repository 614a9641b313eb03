using System.Text.Json.Serialization.Metadata;
using Portico.Api.Json;
using Portico.Api.Objects;

namespace Portico.Api.Kinds;

/// <summary>A resource together with the record that reads it.</summary>
public sealed record ResourceKind<T>(ResourceKind Resource)
    where T : IObject
{
    public JsonTypeInfo<T> TypeInfo => ApiJson.TypeInfo<T>();

    public JsonTypeInfo<ObjectList<T>> ListTypeInfo => ApiJson.TypeInfo<ObjectList<T>>();
}
