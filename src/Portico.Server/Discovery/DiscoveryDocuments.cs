using System.Text.Json.Nodes;
using Portico.Api.Kinds;

namespace Portico.Server.Discovery;

/// <summary>The discovery documents in their old form: one for the groups, one for each group and version.</summary>
internal static class DiscoveryDocuments
{
    /// <summary><c>/api</c>.</summary>
    public static JsonObject Versions(string serverAddress) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = serverAddress }),
    };

    /// <summary><c>/apis</c>.</summary>
    public static JsonObject Groups() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. ServedGroups.Groups.Where(static one => one.Group.Length > 0).Select(static one => Group(one.Group, one.Version))]),
    };

    /// <summary><c>/apis/GROUP</c>.</summary>
    public static JsonObject Group(string group)
    {
        var document = Group(group, ServedGroups.Groups.First(one => one.Group == group).Version);
        document["kind"] = "APIGroup";
        document["apiVersion"] = "v1";
        return document;
    }

    /// <summary><c>/api/v1</c> and <c>/apis/GROUP/VERSION</c>.</summary>
    public static JsonObject Resources(string group, string version)
    {
        var resources = new JsonArray();
        foreach (var kind in ServedGroups.All)
        {
            if (kind.Group != group || kind.Version != version)
            {
                continue;
            }

            resources.Add((JsonNode)Resource(kind));
            foreach (var subresource in Subresource.Of(kind))
            {
                resources.Add((JsonNode)Resource(kind, subresource));
            }
        }

        return new()
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = resources,
        };
    }

    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts]);

    private static JsonObject Group(string group, string version) => new()
    {
        ["name"] = group,
        ["versions"] = new JsonArray(Version(group, version)),
        ["preferredVersion"] = Version(group, version),
    };

    private static JsonObject Version(string group, string version) => new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private static JsonObject Resource(ResourceKind kind)
    {
        var resource = new JsonObject
        {
            ["name"] = kind.Plural,
            ["singularName"] = kind.Singular,
            ["namespaced"] = kind.Namespaced,
            ["kind"] = kind.Kind,
            ["verbs"] = Texts(ServedGroups.VerbsOf(kind)),
        };
        if (kind.ShortNames.Count > 0)
        {
            resource["shortNames"] = Texts(kind.ShortNames);
        }

        if (kind.Categories.Count > 0)
        {
            resource["categories"] = Texts(kind.Categories);
        }

        return resource;
    }

    private static JsonObject Resource(ResourceKind kind, Subresource subresource)
    {
        var resource = new JsonObject
        {
            ["name"] = $"{kind.Plural}/{subresource.Name}",
            ["singularName"] = "",
            ["namespaced"] = kind.Namespaced,
            ["kind"] = subresource.Kind,
            ["verbs"] = Texts(subresource.Verbs),
        };
        if (subresource.Group != kind.Group)
        {
            (resource["group"], resource["version"]) = (subresource.Group, subresource.Version);
        }

        return resource;
    }
}
