using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Yaml;
using Portico.Gateway.Ingress;

namespace Portico.Gateway.Tests.Fakes;

/// <summary>Objects written as YAML, put into a model as if the API had told of them.</summary>
internal static class Manifests
{
    public static void Apply(this ClusterModel model, string yaml)
    {
        foreach (var document in YamlReader.ReadAll(yaml))
        {
            switch ((string?)document["kind"])
            {
                case "Ingress":
                    model.Apply(Added<IngressObject>(document));
                    break;
                case "IngressClass":
                    model.Apply(Added<IngressClass>(document));
                    break;
                case "Service":
                    model.Apply(Added<Service>(document));
                    break;
                case "Secret":
                    model.Apply(Added<Secret>(document));
                    break;
                case "EndpointSlice":
                    model.Apply(Added<EndpointSlice>(document));
                    break;
                default:
                    throw new InvalidDataException($"unexpected kind in {document}");
            }
        }
    }

    public static void Apply<T>(this ClusterModel model, T item)
        where T : class, IObject
    {
        switch (item)
        {
            case Secret secret:
                model.Apply(new Client.Caches.ObjectChange<Secret>(ObjectKey.Of(secret), null, secret));
                break;
            case EndpointSlice slice:
                model.Apply(new Client.Caches.ObjectChange<EndpointSlice>(ObjectKey.Of(slice), null, slice));
                break;
            default:
                throw new InvalidDataException($"unexpected {item.Kind}");
        }
    }

    public static T Read<T>(string yaml)
        where T : class, IObject => Read<T>(YamlReader.ReadAll(yaml)[0]);

    private static Client.Caches.ObjectChange<T> Added<T>(JsonNode document)
        where T : class, IObject
    {
        var item = Read<T>(document);
        return new(ObjectKey.Of(item), null, item);
    }

    private static T Read<T>(JsonNode document)
        where T : class, IObject => document.Deserialize(ApiJson.TypeInfo<T>())!;
}
