using System.Text;
using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.OpenApi;

namespace Portico.Api.Tests.OpenApi;

public sealed class OpenApiTests
{
    private static readonly JsonObject Core = (JsonObject)JsonNode.Parse(OpenApiV3.Document("v1", KnownKinds.All))!;
    private static readonly JsonObject V2 = (JsonObject)JsonNode.Parse(OpenApiV2.Json(KnownKinds.All))!;

    [Fact]
    public void Document_EveryReference_Resolves()
    {
        Assert.Empty(Unresolved(Core, "#/components/schemas/", (JsonObject)Core["components"]!["schemas"]!));
        Assert.Empty(Unresolved(V2, "#/definitions/", (JsonObject)V2["definitions"]!));
    }

    [Fact]
    public void Document_Pod_IsWhatExplainReads()
    {
        var pod = Core["components"]!["schemas"]!["io.k8s.api.core.v1.Pod"]!;

        J.Equal("""[{"group":"","kind":"Pod","version":"v1"}]""", pod["x-kubernetes-group-version-kind"]);
        J.Equal("""[{"$ref":"#/components/schemas/io.k8s.api.core.v1.PodSpec"}]""", pod["properties"]!["spec"]!["allOf"]);
        var containers = Core["components"]!["schemas"]!["io.k8s.api.core.v1.PodSpec"]!["properties"]!["containers"]!;
        Assert.Equal("name", containers["x-kubernetes-patch-merge-key"]!.GetValue<string>());
        Assert.Equal("merge", containers["x-kubernetes-patch-strategy"]!.GetValue<string>());
        Assert.Equal("map", containers["x-kubernetes-list-type"]!.GetValue<string>());
        Assert.Equal("array", containers["type"]!.GetValue<string>());
    }

    [Fact]
    public void Document_Patch_OffersFieldValidation()
    {
        var patch = Core["paths"]!["/api/v1/namespaces/{namespace}/pods/{name}"]!["patch"]!;

        J.Equal("""{"group":"","kind":"Pod","version":"v1"}""", patch["x-kubernetes-group-version-kind"]);
        Assert.Contains("fieldValidation", patch["parameters"]!.AsArray().Select(parameter => parameter!["name"]!.GetValue<string>()));
        Assert.Contains("dryRun", patch["parameters"]!.AsArray().Select(parameter => parameter!["name"]!.GetValue<string>()));
    }

    [Fact]
    public void Document_OtherGroup_HasOnlyItsOwnPaths()
    {
        var apps = (JsonObject)JsonNode.Parse(OpenApiV3.Document("apps/v1", KnownKinds.All))!;

        Assert.All((JsonObject)apps["paths"]!, path => Assert.StartsWith("/apis/apps/v1/", path.Key, StringComparison.Ordinal));
        Assert.NotNull(apps["paths"]!["/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"]);
        Assert.NotNull(apps["paths"]!["/apis/apps/v1/namespaces/{namespace}/deployments/{name}/status"]);
        Assert.NotNull(apps["components"]!["schemas"]!["io.k8s.api.core.v1.PodTemplateSpec"]);
    }

    [Fact]
    public void Document_KindWithoutSchema_IsAnOpenObject()
    {
        var document = JsonNode.Parse(OpenApiV3.Document("example.com/v1", [new("example.com", "v1", "Widget", "widgets", true)]))!;

        Assert.Equal("object", document["components"]!["schemas"]!["io.k8s.api.example.v1.Widget"]!["type"]!.GetValue<string>());
    }

    [Fact]
    public void Index_NamesEachDocument() => J.Equal(
        """{"paths":{"api/v1":{"serverRelativeURL":"/openapi/v3/api/v1?hash=A"},"apis/apps/v1":{"serverRelativeURL":"/openapi/v3/apis/apps/v1?hash=B"}}}""",
        JsonNode.Parse(OpenApiV3.Index([new("v1", "A"), new("apps/v1", "B")])));

    [Fact]
    public void Protobuf_HasTheSameDefinitionsAndPaths()
    {
        var document = ProtobufReader.Read(OpenApiV2.Protobuf(KnownKinds.All));

        Assert.Equal("2.0", document.Text(1));
        Assert.Equal(((JsonObject)V2["definitions"]!).Select(pair => pair.Key), document.Message(9).Messages(1).Select(named => named.Text(1)));
        Assert.Equal(((JsonObject)V2["paths"]!).Select(pair => pair.Key), document.Message(8).Messages(2).Select(named => named.Text(1)));
    }

    [Fact]
    public void Protobuf_PodContainers_CarryTypeReferenceAndExtensions()
    {
        var document = ProtobufReader.Read(OpenApiV2.Protobuf(KnownKinds.All));
        var spec = document.Message(9).Messages(1).Single(named => named.Text(1) == "io.k8s.api.core.v1.PodSpec").Message(2);
        var containers = spec.Message(25).Messages(1).Single(named => named.Text(1) == "containers").Message(2);

        Assert.Contains("containers", spec.Texts(19));
        Assert.Equal("array", containers.Message(22).Text(1));
        Assert.Equal("#/definitions/io.k8s.api.core.v1.Container", containers.Message(23).Message(1).Text(1));
        Assert.Contains(
            ("x-kubernetes-patch-merge-key", "\"name\""), containers.Messages(31).Select(named => (named.Text(1), named.Message(2).Text(2))));
    }

    [Fact]
    public void Protobuf_PatchOfPods_OffersFieldValidationForItsKind()
    {
        var document = ProtobufReader.Read(OpenApiV2.Protobuf(KnownKinds.All));
        var path = document.Message(8).Messages(2).Single(named => named.Text(1) == "/api/v1/namespaces/{namespace}/pods/{name}").Message(2);
        var patch = path.Message(8);

        // ParametersItem.parameter.non_body_parameter.query_parameter_sub_schema.name
        Assert.Contains("fieldValidation", patch.Messages(8).Select(item => item.Message(1)).Where(choice => choice.Has(2)).Select(choice => choice.Message(2).Message(3).Text(4)));
        Assert.Contains(
            ("x-kubernetes-group-version-kind", """{"group":"","kind":"Pod","version":"v1"}"""),
            patch.Messages(13).Select(named => (named.Text(1), named.Message(2).Text(2))));
    }

    [Fact]
    public void Document_IsSmallAndStable()
    {
        Assert.Equal(OpenApiV3.Document("v1", KnownKinds.All), OpenApiV3.Document("v1", KnownKinds.All));
        Assert.InRange(Encoding.UTF8.GetString(OpenApiV3.Document("v1", KnownKinds.All)).Length, 50_000, 400_000);
    }

    private static IEnumerable<string> Unresolved(JsonNode? node, string prefix, JsonObject definitions)
    {
        switch (node)
        {
            case JsonObject map:
                if (map["$ref"] is { } reference && (!reference.GetValue<string>().StartsWith(prefix, StringComparison.Ordinal) || !definitions.ContainsKey(reference.GetValue<string>()[prefix.Length..])))
                {
                    yield return reference.GetValue<string>();
                }

                foreach (var missing in map.SelectMany(pair => Unresolved(pair.Value, prefix, definitions)))
                {
                    yield return missing;
                }

                break;
            case JsonArray list:
                foreach (var missing in list.SelectMany(item => Unresolved(item, prefix, definitions)))
                {
                    yield return missing;
                }

                break;
        }
    }
}
