using System.Text.Json.Nodes;
using Portico.Api.Kinds;

namespace Portico.Api.Tests.Validation;

public sealed class MetadataRulesTests
{
    private const string Map = "{metadata: {name: web, namespace: shop, uid: u1, creationTimestamp: '2026-01-01T00:00:00Z'}}";

    private static readonly ResourceKind ConfigMaps = KnownKinds.ConfigMaps.Resource;

    [Theory]
    [InlineData("metadata/name", "\"Web\"", "metadata.name", "RFC 1123 subdomain")]
    [InlineData("metadata/name", "\"\"", "metadata.name", "Required value")]
    [InlineData("metadata/name", "\"a..b\"", "metadata.name", "RFC 1123 subdomain")]
    [InlineData("metadata/generateName", "\"-a\"", "metadata.generateName", "RFC 1123 subdomain")]
    [InlineData("metadata/namespace", "\"a.b\"", "metadata.namespace", "RFC 1123 label")]
    [InlineData("metadata/namespace", null, "metadata.namespace", "Required value")]
    [InlineData("metadata/labels", """{"a b":"c"}""", "metadata.labels", "name part must consist of")]
    [InlineData("metadata/labels", """{"a":"b c"}""", "metadata.labels", "a valid label must be")]
    [InlineData("metadata/labels", """{"a/b/c":"d"}""", "metadata.labels", "a qualified name")]
    [InlineData("metadata/labels", """{"A.com/b":"d"}""", "metadata.labels", "prefix part")]
    [InlineData("metadata/annotations", """{"a b":"c"}""", "metadata.annotations", "name part must consist of")]
    [InlineData("metadata/finalizers", """["a b"]""", "metadata.finalizers[0]", "name part")]
    [InlineData("metadata/ownerReferences", """[{"apiVersion":"v1","kind":"Pod","name":"","uid":"u"}]""", "metadata.ownerReferences[0].name", "must not be empty")]
    public void Validate_BadMetadata_IsNamed(string path, string? json, string field, string message)
    {
        var problem = Assert.Single(Rules.Problems(ConfigMaps, Map, item => Rules.Set(item, path, json)));

        Assert.StartsWith($"{field}: ", problem, StringComparison.Ordinal);
        Assert.Contains(message, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("metadata/name", "\"a.b-c.1\"")]
    [InlineData("metadata/generateName", "\"web-\"")]
    [InlineData("metadata/labels", """{"example.com/App_1":"","a":"x.y_z-1"}""")]
    [InlineData("metadata/annotations", """{"Example.com/Note":"anything at all"}""")]
    public void Validate_GoodMetadata_IsFine(string path, string json) => Assert.Empty(Rules.Problems(ConfigMaps, Map, item => Rules.Set(item, path, json)));

    [Fact]
    public void Validate_LongNames_AreRefused()
    {
        Assert.Single(Rules.Problems(ConfigMaps, Map, item => item["metadata"]!["name"] = new string('a', 254)));
        Assert.Empty(Rules.Problems(ConfigMaps, Map, item => item["metadata"]!["name"] = new string('a', 253)));
        Assert.Single(Rules.Problems(ConfigMaps, Map, item => Rules.Set(item, "metadata/labels", $$"""{"a":"{{new string('b', 64)}}"}""")));
    }

    [Fact]
    public void Validate_AnnotationsTooLarge_AreRefused() => Assert.Equal(
        ["metadata.annotations: Too long: may not be more than 262144 bytes"],
        Rules.Problems(ConfigMaps, Map, item => Rules.Set(item, "metadata/annotations", $$"""{"a":"{{new string('b', 262144)}}"}""")));

    [Theory]
    [InlineData("metadata/name", "\"other\"")]
    [InlineData("metadata/uid", "\"u2\"")]
    [InlineData("metadata/creationTimestamp", null)]
    public void Validate_ChangedIdentity_IsRefused(string path, string? json) =>
        Assert.Contains("field is immutable", Assert.Single(Rules.Problems(ConfigMaps, Map, item => Rules.Set(item, path, json), J.Yaml(Map))), StringComparison.Ordinal);

    [Fact]
    public void Validate_NewFinalizerWhileDeleting_IsForbidden()
    {
        var old = J.Yaml(Map);
        Rules.Set(old, "metadata/deletionTimestamp", "\"2026-01-02T00:00:00Z\"");
        Rules.Set(old, "metadata/finalizers", """["a.b/c"]""");

        var problems = Rules.Problems(
            ConfigMaps, old.ToJsonString(), item => Rules.Set(item, "metadata/finalizers", """["a.b/c","d.e/f"]"""), old);

        Assert.StartsWith("metadata.finalizers: Forbidden: no new finalizers", Assert.Single(problems), StringComparison.Ordinal);
        Assert.Empty(Rules.Problems(ConfigMaps, old.ToJsonString(), item => ((JsonObject)item["metadata"]!).Remove("finalizers"), old));
    }

    [Fact]
    public void Validate_Deletion_BeginsAndShortensButNeverEnds()
    {
        var old = J.Yaml(Map);
        var deleting = (JsonObject)old.DeepClone();
        Rules.Set(deleting, "metadata/deletionTimestamp", "\"2026-01-02T00:00:30Z\"");
        Rules.Set(deleting, "metadata/deletionGracePeriodSeconds", "30");
        var sooner = (JsonObject)deleting.DeepClone();
        Rules.Set(sooner, "metadata/deletionTimestamp", "\"2026-01-02T00:00:00Z\"");
        Rules.Set(sooner, "metadata/deletionGracePeriodSeconds", "0");

        Assert.Empty(Rules.Problems(ConfigMaps, deleting.ToJsonString(), null, old));
        Assert.Empty(Rules.Problems(ConfigMaps, sooner.ToJsonString(), null, deleting));
        Assert.Equal(["metadata.deletionTimestamp: Invalid value: null: field is immutable"], Rules.Problems(ConfigMaps, Map, null, deleting));
    }

    [Fact]
    public void Validate_ClusterScoped_HasNoNamespace()
    {
        Assert.Equal(
            ["metadata.namespace: Forbidden: not allowed on this type"],
            Rules.Problems(KnownKinds.Namespaces.Resource, "{metadata: {name: shop, namespace: x}}"));
        Assert.Empty(Rules.Problems(KnownKinds.Namespaces.Resource, "{metadata: {name: shop}}"));
    }

    [Theory]
    [InlineData("1web", false)]
    [InlineData("web.a", false)]
    [InlineData("web-1", true)]
    public void Validate_ServiceName_IsADns1035Label(string name, bool valid) =>
        Assert.Equal(valid, Rules.Problems(KnownKinds.Services.Resource, $"{{metadata: {{name: {name}, namespace: shop}}, spec: {{ports: [{{port: 80}}]}}}}").Count == 0);
}
