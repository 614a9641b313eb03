using System.Text.Json.Nodes;
using Portico.Api.Kinds;

namespace Portico.Api.Tests.Validation;

public sealed class OtherRulesTests
{
    [Fact]
    public void Default_Secret_FoldsStringData() => J.Equal(
        """{"type":"Opaque","data":{"a":"eA==","b":"w6Q=","c":"eQ=="}}""",
        Rules.Defaulted(KnownKinds.Secrets.Resource, "{data: {a: b2xk, c: eQ==}, stringData: {a: x, b: ä}}"));

    [Theory]
    [InlineData("kubernetes.io/tls", "{tls.crt: YQ==}", "data[tls.key]: Required value")]
    [InlineData("kubernetes.io/dockerconfigjson", "{.dockerconfigjson: YQ==}", "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": must be JSON")]
    [InlineData("kubernetes.io/ssh-auth", "{}", "data[ssh-privatekey]: Required value")]
    [InlineData("kubernetes.io/service-account-token", "{}", "metadata.annotations[kubernetes.io/service-account.name]: Required value")]
    [InlineData("Opaque", "{a/b: YQ==}", "data[a/b]: Invalid value: \"a/b\"")]
    public void Validate_Secret_HasWhatItsTypeNeeds(string type, string data, string problem) => Assert.StartsWith(
        problem, Assert.Single(Rules.Problems(KnownKinds.Secrets.Resource, $"{{metadata: {{name: s, namespace: x}}, type: {type}, data: {data}}}")), StringComparison.Ordinal);

    [Fact]
    public void Validate_SecretType_CantChange() => Assert.Equal(
        ["type: Invalid value: \"b\": field is immutable"],
        Rules.Problems(KnownKinds.Secrets.Resource, "{metadata: {name: s, namespace: x}, type: b}", null, J.Yaml("{metadata: {name: s, namespace: x}, type: a}")));

    [Fact]
    public void Validate_ImmutableConfigMap_StaysAsItIs()
    {
        const string old = "{metadata: {name: s, namespace: x}, immutable: true, data: {a: b}}";
        var kind = KnownKinds.ConfigMaps.Resource;

        Assert.Equal(
            ["immutable: Forbidden: field is immutable when `immutable` is set", "data: Forbidden: field is immutable when `immutable` is set"],
            Rules.Problems(kind, "{metadata: {name: s, namespace: x}, data: {a: c}}", null, J.Yaml(old)));
        Assert.Empty(Rules.Problems(kind, old, item => Rules.Set(item, "metadata/labels", """{"a":"b"}"""), J.Yaml(old)));
    }

    [Fact]
    public void Validate_ConfigMap_HasKeysOnceAndUnderAMegabyte()
    {
        const string text = "{metadata: {name: s, namespace: x}}";
        var kind = KnownKinds.ConfigMaps.Resource;

        Assert.Contains("duplicate of key", Assert.Single(Rules.Problems(kind, text, item => { Rules.Set(item, "data/a", "\"x\""); Rules.Set(item, "binaryData/a", "\"YQ==\""); })), StringComparison.Ordinal);
        Assert.Contains("Too long", Assert.Single(Rules.Problems(kind, text, item => item["data"] = new JsonObject { ["a"] = new string('x', 1024 * 1024 + 1) })), StringComparison.Ordinal);
        Assert.Single(Rules.Problems(kind, text, item => item["data"] = new JsonObject { [".."] = "x" }));
    }

    [Fact]
    public void Default_EndpointSlice_NamesPorts() => J.Equal(
        """{"ports":[{"port":80,"name":"","protocol":"TCP"}]}""", Rules.Defaulted(KnownKinds.EndpointSlices.Resource, "{ports: [{port: 80}]}"));

    [Theory]
    [InlineData("addressType", null, "addressType: Required value")]
    [InlineData("addressType", "\"IPX\"", "addressType: Unsupported value: \"IPX\"", "must be an IPX")]
    [InlineData("endpoints/0/addresses", "[]", "endpoints[0].addresses: Required value: must contain at least 1 address")]
    [InlineData("endpoints/0/addresses", """["::1"]""", "endpoints[0].addresses[0]: Invalid value: \"::1\": must be an IPv4 address")]
    [InlineData("endpoints/0/addresses", """["169.254.1.1"]""", "endpoints[0].addresses[0]: Invalid value: \"169.254.1.1\": may not be in the link-local range")]
    [InlineData("endpoints/0/addresses", """["1.2.3"]""", "endpoints[0].addresses[0]: Invalid value: \"1.2.3\": must be a valid IP address")]
    [InlineData("endpoints/0/hostname", "\"A\"", "endpoints[0].hostname: Invalid value: \"A\"")]
    [InlineData("ports", """[{"name":"a"},{"name":"a"}]""", "ports[1].name: Duplicate value: \"a\"")]
    [InlineData("ports", """[{"port":0}]""", "ports[0].port: Invalid value: 0")]
    public void Validate_EndpointSlice_OneThingWrongIsNamed(string path, string? json, string problem, string? other = null)
    {
        var problems = Rules.Problems(
            KnownKinds.EndpointSlices.Resource, "{metadata: {name: web-1, namespace: x}, addressType: IPv4, endpoints: [{addresses: [10.0.0.1]}], ports: [{port: 80}]}",
            item => Rules.Set(item, path, json));

        Assert.StartsWith(problem, problems[0], StringComparison.Ordinal);
        Assert.Equal(other is null ? 1 : 2, problems.Count);
    }

    [Theory]
    [InlineData("{subsets: [{ports: [{port: 80}]}]}", "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`")]
    [InlineData("{subsets: [{addresses: [{ip: 127.0.0.1}]}]}", "subsets[0].addresses[0].ip: Invalid value: \"127.0.0.1\": may not be in the loopback range")]
    [InlineData("{subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{name: a, port: 1}, {port: 2}]}]}", "subsets[0].ports[1].name: Required value")]
    public void Validate_Endpoints_OneThingWrongIsNamed(string yaml, string problem) => Assert.StartsWith(
        problem,
        Assert.Single(Rules.Problems(KnownKinds.Endpoints.Resource, yaml, item => item["metadata"] = J.Object("""{"name":"web","namespace":"x"}"""))), StringComparison.Ordinal);

    [Theory]
    [InlineData("spec", "{}", "spec: Invalid value: {}: either `defaultBackend` or `rules` must be specified")]
    [InlineData("spec/rules/0/host", "\"10.0.0.1\"", "spec.rules[0].host: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP address")]
    [InlineData("spec/rules/0/host", "\"*.*.com\"", "spec.rules[0].host: Invalid value: \"*.*.com\": a wildcard DNS-1123 subdomain")]
    [InlineData("spec/rules/0/host", "\"Shop\"", "spec.rules[0].host: Invalid value: \"Shop\": a lowercase RFC 1123 subdomain")]
    [InlineData("spec/rules/0/http/paths", "[]", "spec.rules[0].http.paths: Required value")]
    [InlineData("spec/rules/0/http/paths/0/pathType", null, "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified")]
    [InlineData("spec/rules/0/http/paths/0/pathType", "\"Regex\"", "spec.rules[0].http.paths[0].pathType: Unsupported value: \"Regex\": supported values: \"Exact\", \"ImplementationSpecific\", \"Prefix\"")]
    [InlineData("spec/rules/0/http/paths/0/path", "\"api\"", "spec.rules[0].http.paths[0].path: Invalid value: \"api\": must be an absolute path")]
    [InlineData("spec/rules/0/http/paths/0/path", "\"/a//b\"", "spec.rules[0].http.paths[0].path: Invalid value: \"/a//b\": must not contain '//'")]
    [InlineData("spec/rules/0/http/paths/0/path", "\"/a/..\"", "spec.rules[0].http.paths[0].path: Invalid value: \"/a/..\": cannot end with '/..'")]
    [InlineData("spec/rules/0/http/paths/0/backend", "{}", "spec.rules[0].http.paths[0].backend: Required value: resource or service backend is required")]
    [InlineData("spec/rules/0/http/paths/0/backend/resource", """{"kind":"A","name":"b"}""", "spec.rules[0].http.paths[0].backend: Invalid value: \"\": cannot set both resource and service backends")]
    [InlineData("spec/rules/0/http/paths/0/backend/service/port", "{}", "spec.rules[0].http.paths[0].backend.service: Required value: port name or number is required")]
    [InlineData("spec/rules/0/http/paths/0/backend/service/port/name", "\"http\"", "spec.rules[0].http.paths[0].backend.service: Invalid value: \"\": cannot set both port name & port number")]
    [InlineData("spec/rules/0/http/paths/0/backend/service/port/number", "70000", "spec.rules[0].http.paths[0].backend.service.port.number: Invalid value: 70000")]
    [InlineData("spec/tls", """[{"hosts":["a b"]}]""", "spec.tls[0].hosts[0]: Invalid value: \"a b\"")]
    [InlineData("spec/ingressClassName", "\"A\"", "spec.ingressClassName: Invalid value: \"A\"")]
    public void Validate_Ingress_OneThingWrongIsNamed(string path, string? json, string problem) => Assert.StartsWith(
        problem,
        Assert.Single(Rules.Problems(
            KnownKinds.Ingresses.Resource,
            "{metadata: {name: web, namespace: x}, spec: {rules: [{host: '*.shop.test', http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}}",
            item => Rules.Set(item, path, json))), StringComparison.Ordinal);

    [Fact]
    public void Validate_IngressClass_HasAController()
    {
        var kind = KnownKinds.IngressClasses.Resource;
        const string text = "{metadata: {name: portico}, spec: {controller: portico.dev/ingress}}";

        Assert.Empty(Rules.Problems(kind, text));
        Assert.Equal(["spec.controller: Required value"], Rules.Problems(kind, "{metadata: {name: portico}}"));
        Assert.Contains("domain-prefixed", Assert.Single(Rules.Problems(kind, "{metadata: {name: p}, spec: {controller: portico}}")), StringComparison.Ordinal);
        Assert.Contains("immutable", Assert.Single(Rules.Problems(kind, text, item => Rules.Set(item, "spec/controller", "\"a.b/c\""), J.Yaml(text))), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_Lease_LastsSomeTime() => Assert.Equal(
        ["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"],
        Rules.Problems(KnownKinds.Leases.Resource, "{metadata: {name: l, namespace: x}, spec: {leaseDurationSeconds: 0}}"));

    [Fact]
    public void Validate_Node_KeepsItsNetwork()
    {
        const string text = "{metadata: {name: node1}, spec: {podCIDR: 10.244.1.0/24, podCIDRs: [10.244.1.0/24]}}";
        var kind = KnownKinds.Nodes.Resource;

        Assert.Empty(Rules.Problems(kind, text, null, J.Yaml("{metadata: {name: node1}}")));
        Assert.StartsWith(
            "spec.podCIDRs: Forbidden",
            Assert.Single(Rules.Problems(kind, "{metadata: {name: node1}, spec: {podCIDR: 10.244.2.0/24}}", null, J.Yaml(text))), StringComparison.Ordinal);
        Assert.StartsWith(
            "spec.taints[0].effect: Unsupported value: \"Whatever\"",
            Assert.Single(Rules.Problems(kind, "{metadata: {name: node1}, spec: {taints: [{key: a, effect: Whatever}]}}")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop", "shop", true)]
    [InlineData("shop", "other", false)]
    [InlineData("default", "", true)]
    [InlineData("shop", "", false)]
    public void Validate_Event_LivesWithItsObject(string own, string involved, bool valid) => Assert.Equal(
        valid,
        Rules.Problems(KnownKinds.Events.Resource, $"{{metadata: {{name: e, namespace: {own}}}, involvedObject: {{kind: X, namespace: '{involved}'}}}}").Count == 0);

    [Fact]
    public void Default_Namespace_CarriesItsNameAsLabel() => J.Equal(
        """{"metadata":{"name":"shop","labels":{"kubernetes.io/metadata.name":"shop"}}}""", Rules.Defaulted(KnownKinds.Namespaces.Resource, "{metadata: {name: shop}}"));
}
