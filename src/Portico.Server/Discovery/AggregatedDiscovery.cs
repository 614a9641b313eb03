using System.Text.Json.Nodes;
using Portico.Api.Kinds;

namespace Portico.Server.Discovery;

/// <summary>apidiscovery.k8s.io APIGroupDiscoveryList: everything under <c>/api</c> or <c>/apis</c> in one document.</summary>
internal static class AggregatedDiscovery
{
    /// <param name="core">Only the core group, or all others.</param>
    /// <param name="version">v2 or v2beta1; the content is the same.</param>
    public static JsonObject Document(bool core, string version)
    {
        var items = new JsonArray();
        foreach (var (group, served) in ServedGroups.Groups)
        {
            if (group.Length == 0 == core)
            {
                items.Add((JsonNode)Group(group, served));
            }
        }

        return new()
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = $"apidiscovery.k8s.io/{version}",
            ["metadata"] = new JsonObject(),
            ["items"] = items,
        };
    }

    public static string ContentType(string version) => $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList";

    /// <summary>The version that an Accept header prefers; null when it asks for the old form.</summary>
    public static string? Requested(string accept)
    {
        foreach (var range in accept.Split(','))
        {
            if (range.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal) && range.Contains("application/json", StringComparison.Ordinal))
            {
                return range.Contains("v=v2beta1", StringComparison.Ordinal) ? "v2beta1" : "v2";
            }
        }

        return null;
    }

    private static JsonObject Group(string group, string version) => new()
    {
        ["metadata"] = group.Length == 0 ? new JsonObject() : new JsonObject { ["name"] = group },
        ["versions"] = new JsonArray(new JsonObject
        {
            ["version"] = version,
            ["resources"] = new JsonArray([.. ServedGroups.All.Where(kind => kind.Group == group && kind.Version == version).Select(Resource)]),
            ["freshness"] = "Current",
        }),
    };

    private static JsonObject Resource(ResourceKind kind)
    {
        var resource = new JsonObject
        {
            ["resource"] = kind.Plural,
            ["responseKind"] = Kind(kind.Group, kind.Version, kind.Kind),
            ["scope"] = kind.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = kind.Singular,
            ["verbs"] = DiscoveryDocuments.Texts(ServedGroups.VerbsOf(kind)),
        };
        if (kind.ShortNames.Count > 0)
        {
            resource["shortNames"] = DiscoveryDocuments.Texts(kind.ShortNames);
        }

        if (kind.Categories.Count > 0)
        {
            resource["categories"] = DiscoveryDocuments.Texts(kind.Categories);
        }

        var subresources = Subresource.Of(kind).Select(static one => new JsonObject
        {
            ["subresource"] = one.Name,
            ["responseKind"] = Kind(one.Group, one.Version, one.Kind),
            ["verbs"] = DiscoveryDocuments.Texts(one.Verbs),
        }).ToArray<JsonNode>();
        if (subresources.Length > 0)
        {
            resource["subresources"] = new JsonArray(subresources);
        }

        return resource;
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };
}
