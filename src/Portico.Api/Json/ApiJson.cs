using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Portico.Api.Objects;
using Portico.Api.Statuses;

namespace Portico.Api.Json;

/// <summary>
/// Source-generated JSON of the object model. Use <see cref="TypeInfo{T}"/>: it leaves out empty lists and maps, as Kubernetes does.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ObjectList<ObjectMetaOnly>))]
[JsonSerializable(typeof(ObjectList<ConfigMap>))]
[JsonSerializable(typeof(ObjectList<Deployment>))]
[JsonSerializable(typeof(ObjectList<Endpoints>))]
[JsonSerializable(typeof(ObjectList<EndpointSlice>))]
[JsonSerializable(typeof(ObjectList<Event>))]
[JsonSerializable(typeof(ObjectList<Ingress>))]
[JsonSerializable(typeof(ObjectList<IngressClass>))]
[JsonSerializable(typeof(ObjectList<Lease>))]
[JsonSerializable(typeof(ObjectList<Namespace>))]
[JsonSerializable(typeof(ObjectList<Node>))]
[JsonSerializable(typeof(ObjectList<Pod>))]
[JsonSerializable(typeof(ObjectList<ReplicaSet>))]
[JsonSerializable(typeof(ObjectList<Secret>))]
[JsonSerializable(typeof(ObjectList<Service>))]
[JsonSerializable(typeof(ObjectList<ServiceAccount>))]
[JsonSerializable(typeof(ObjectList<ServiceCidr>))]
[JsonSerializable(typeof(Status))]
[JsonSerializable(typeof(IReadOnlyList<Condition>))]
public sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Options for everything that is read from or written to the Kubernetes API.</summary>
    public static JsonSerializerOptions Wire => WireHolder.Options;

    /// <summary>The contract of <typeparamref name="T"/> in <see cref="Wire"/>.</summary>
    public static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)Wire.GetTypeInfo(typeof(T));

    // Not a static of this class: its order against the generated part's statics is not defined.
    private static class WireHolder
    {
        public static readonly JsonSerializerOptions Options = Create();
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(Default.Options)
        {
            // The stored form is read by people; "<" and "'" need no escape outside HTML.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = Default.WithAddedModifier(LeaveOutEmpty),
        };
        options.Converters.Add(new TimeConverter());
        options.MakeReadOnly();
        return options;
    }

    private static void LeaveOutEmpty(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType))
            {
                property.ShouldSerialize = static (_, value) => value is IEnumerable items && items.GetEnumerator().MoveNext();
            }
            else if (property.PropertyType == typeof(JsonElement))
            {
                property.ShouldSerialize = static (_, value) => value is JsonElement { ValueKind: not JsonValueKind.Undefined };
            }
            else if (property.PropertyType == typeof(string) && property.Name is "name" or "namespace" && type.Type == typeof(ObjectMeta))
            {
                // An empty name means "generateName"; an empty namespace, a cluster-scoped object.
                property.ShouldSerialize = static (_, value) => value is string { Length: > 0 };
            }
        }
    }
}
