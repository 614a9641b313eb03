using Portico.Api.Kinds;
using Portico.Api.Validation;

namespace Portico.Api.Tests.Validation;

public sealed class ServiceRulesTests
{
    private const string Web = """
        metadata: {name: web, namespace: shop}
        spec:
          selector: {app: web}
          ports: [{name: http, port: 80, targetPort: http}]
        """;

    private static readonly ResourceKind Services = KnownKinds.Services.Resource;

    [Fact]
    public void Default_ClusterIP_IsAsUpstream() => J.Equal(
        """
        {"metadata":{"name":"web"},"spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":80},{"port":53,"protocol":"UDP","targetPort":"dns"}],
         "sessionAffinity":"None","type":"ClusterIP","internalTrafficPolicy":"Cluster"}}
        """,
        Rules.Defaulted(Services, "{metadata: {name: web}, spec: {ports: [{port: 80}, {port: 53, protocol: UDP, targetPort: dns}]}}"));

    [Fact]
    public void Default_LoadBalancer_HasPoliciesAndNodePorts() => J.Equal(
        """
        {"spec":{"type":"LoadBalancer","sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10800}},
         "externalTrafficPolicy":"Cluster","internalTrafficPolicy":"Cluster","allocateLoadBalancerNodePorts":true}}
        """,
        Rules.Defaulted(Services, "{spec: {type: LoadBalancer, sessionAffinity: ClientIP}}"));

    [Fact]
    public void Default_ExternalName_HasNoPolicies() => J.Equal(
        """{"spec":{"type":"ExternalName","externalName":"a.b","sessionAffinity":"None"}}""",
        Rules.Defaulted(Services, "{spec: {type: ExternalName, externalName: a.b, sessionAffinityConfig: {}}}"));

    [Theory]
    [InlineData("spec/type", "\"Public\"", "spec.type: Unsupported value: \"Public\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"")]
    [InlineData("spec/ports", "[]", "spec.ports: Required value")]
    [InlineData("spec/ports/0/port", "0", "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("spec/ports/0/port", "65536", "spec.ports[0].port: Invalid value: 65536: must be between 1 and 65535, inclusive")]
    [InlineData("spec/ports/0/protocol", "\"ICMP\"", "spec.ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\"")]
    [InlineData("spec/ports/0/targetPort", "70000", "spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive")]
    [InlineData("spec/ports/0/targetPort", "\"far-too-long-name\"", "spec.ports[0].targetPort: Invalid value: \"far-too-long-name\": must be no more than 15 bytes")]
    [InlineData("spec/ports/0/targetPort", "\"80\"", "spec.ports[0].targetPort: Invalid value: \"80\": must contain at least one letter (a-z)")]
    [InlineData("spec/ports/0/nodePort", "30000", "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData("spec/sessionAffinity", "\"Cookie\"", "spec.sessionAffinity: Unsupported value: \"Cookie\": supported values: \"ClientIP\", \"None\"")]
    [InlineData("spec/externalTrafficPolicy", "\"Local\"", "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services")]
    [InlineData("spec/internalTrafficPolicy", "\"Near\"", "spec.internalTrafficPolicy: Unsupported value: \"Near\": supported values: \"Cluster\", \"Local\"")]
    [InlineData("spec/healthCheckNodePort", "30000", "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")]
    [InlineData("spec/loadBalancerSourceRanges", "[\"10.0.0.0/8\"]", "spec.loadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    [InlineData("spec/loadBalancerClass", "\"a.b/c\"", "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    [InlineData("spec/externalIPs", "[\"127.0.0.1\"]", "spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("spec/clusterIP", "\"10.0.0.01\"", "spec.clusterIP: Invalid value: \"10.0.0.01\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("spec/clusterIPs", "[\"10.0.0.1\"]", "spec.clusterIPs: Invalid value: [\"10.0.0.1\"]: first value must match `clusterIP`")]
    [InlineData("spec/ipFamilyPolicy", "\"Both\"", "spec.ipFamilyPolicy: Unsupported value: \"Both\": supported values: \"PreferDualStack\", \"RequireDualStack\", \"SingleStack\"")]
    [InlineData("spec/ipFamilies", "[\"IPv4\",\"IPv4\"]", "spec.ipFamilies[1]: Duplicate value: \"IPv4\"")]
    public void Validate_OneThingWrong_IsNamed(string path, string json, string problem) =>
        Assert.Equal([problem], Rules.Problems(Services, Web, item => Rules.Set(item, path, json)));

    [Fact]
    public void Validate_SeveralPorts_NeedNamesAndDiffer() => Assert.Equal(
        [
            "spec.ports[1].name: Required value",
            "spec.ports[1]: Duplicate value: {\"port\":80,\"protocol\":\"TCP\",\"targetPort\":80}",
            "spec.ports[2].name: Duplicate value: \"http\"",
        ],
        Rules.Problems(Services, Web, item => Rules.Set(item, "spec/ports", """[{"name":"http","port":80},{"port":80},{"name":"http","port":80,"protocol":"UDP"}]""")));

    [Fact]
    public void Validate_SamePortOfTwoProtocols_IsFine() => Assert.Empty(
        Rules.Problems(Services, Web, item => Rules.Set(item, "spec/ports", """[{"name":"dns","port":53,"protocol":"UDP"},{"name":"dns-tcp","port":53}]""")));

    [Fact]
    public void Validate_Headless_NeedsNoPorts()
    {
        Assert.Empty(Rules.Problems(Services, "{metadata: {name: web, namespace: shop}, spec: {clusterIP: None}}"));
        Assert.Equal(
            ["spec.clusterIP: Invalid value: \"None\": may not be set to 'None' for NodePort services"],
            Rules.Problems(Services, Web, item => { Rules.Set(item, "spec/clusterIP", "\"None\""); Rules.Set(item, "spec/type", "\"NodePort\""); }));
    }

    [Fact]
    public void Validate_ExternalName_NeedsAName()
    {
        const string text = "{metadata: {name: web, namespace: shop}, spec: {type: ExternalName}}";

        Assert.Equal(["spec.externalName: Required value"], Rules.Problems(Services, text));
        Assert.Empty(Rules.Problems(Services, text, item => Rules.Set(item, "spec/externalName", "\"example.com.\"")));
        Assert.Single(Rules.Problems(Services, text, item => Rules.Set(item, "spec/externalName", "\"exa mple\"")));
    }

    [Fact]
    public void Validate_LoadBalancer_HasItsOwnRules()
    {
        const string text = "{metadata: {name: web, namespace: shop}, spec: {type: LoadBalancer, ports: [{port: 80}]}}";

        Assert.Empty(Rules.Problems(Services, text, item => Rules.Set(item, "spec/loadBalancerSourceRanges", """["10.0.0.0/8","2001:db8::/32"]""")));
        Assert.Contains("CIDR", Assert.Single(Rules.Problems(Services, text, item => Rules.Set(item, "spec/loadBalancerSourceRanges", """["10.0.0.0"]"""))), StringComparison.Ordinal);
        Assert.Contains("10250", Assert.Single(Rules.Problems(Services, text, item => Rules.Set(item, "spec/ports/0/port", "10250"))), StringComparison.Ordinal);
        Assert.Equal(
            ["spec.ports[1].nodePort: Duplicate value: 30001"],
            Rules.Problems(Services, text, item => Rules.Set(item, "spec/ports", """[{"name":"a","port":1,"nodePort":30001},{"name":"b","port":2,"nodePort":30001}]""")));
    }

    [Theory]
    [InlineData("""{"ip":"1.2.3"}""", "status.loadBalancer.ingress[0].ip: Invalid value: \"1.2.3\": must be a valid IP address")]
    [InlineData("""{"hostname":"10.0.0.1"}""", "status.loadBalancer.ingress[0].hostname: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP address")]
    [InlineData("""{"hostname":"a.b","ipMode":"VIP"}""", "status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set")]
    [InlineData("""{"ip":"10.0.0.1","ipMode":"Nat"}""", "status.loadBalancer.ingress[0].ipMode: Unsupported value: \"Nat\": supported values: \"Proxy\", \"VIP\"")]
    public void Validate_Status_NamesRealPlaces(string point, string problem) => Assert.StartsWith(
        problem, Assert.Single(Rules.Problems(Services, Web, item => Rules.Set(item, "status", $$$"""{"loadBalancer":{"ingress":[{{{point}}}]}}"""))), StringComparison.Ordinal);

    [Fact]
    public void Validate_ChangedClusterIP_IsRefused()
    {
        var old = Rules.Defaulted(Services, Web);
        Rules.Set(old, "spec/clusterIP", "\"10.96.0.5\"");

        Assert.Equal(
            ["spec.clusterIPs[0]: Invalid value: \"10.96.0.6\": may not change once set"],
            Rules.Problems(Services, Web, item => Rules.Set(item, "spec/clusterIP", "\"10.96.0.6\""), old));
    }

    [Fact]
    public void PrepareForUpdate_ClientWithoutAllocatedValues_KeepsThem()
    {
        var old = Rules.Defaulted(Services, """
            spec: {type: LoadBalancer, externalTrafficPolicy: Local, clusterIP: 10.96.0.5, clusterIPs: [10.96.0.5], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack,
              healthCheckNodePort: 30009, ports: [{name: a, port: 80, nodePort: 30001}, {name: b, port: 81, nodePort: 30002}]}
            """);
        var candidate = J.Yaml("{spec: {type: LoadBalancer, externalTrafficPolicy: Local, ports: [{name: b, port: 82}, {name: a, port: 80}, {name: c, port: 90}]}}");

        KindRules.PrepareForUpdate(Services, candidate, old);

        var spec = candidate["spec"]!;
        Assert.Equal("10.96.0.5", spec["clusterIP"]!.GetValue<string>());
        J.Equal("[\"10.96.0.5\"]", spec["clusterIPs"]);
        J.Equal("[\"IPv4\"]", spec["ipFamilies"]);
        Assert.Equal([30002, 30001, null], spec["ports"]!.AsArray().Select(port => (int?)port!["nodePort"]?.GetValue<long>()));
        J.Equal("30009", spec["healthCheckNodePort"]);
    }

    [Fact]
    public void PrepareForUpdate_TypeThatNeedsLess_DropsWhatTheClientDidNotTouch()
    {
        var old = Rules.Defaulted(Services, """
            spec: {type: LoadBalancer, externalTrafficPolicy: Local, clusterIP: 10.96.0.5, clusterIPs: [10.96.0.5], healthCheckNodePort: 30009,
              ports: [{port: 80, nodePort: 30001}]}
            """);
        var candidate = (System.Text.Json.Nodes.JsonObject)old.DeepClone();
        Rules.Set(candidate, "spec/type", "\"ClusterIP\"");

        KindRules.PrepareForUpdate(Services, candidate, old);

        J.Equal(
            """
            {"type":"ClusterIP","clusterIP":"10.96.0.5","clusterIPs":["10.96.0.5"],"ports":[{"port":80,"protocol":"TCP","targetPort":80}],
             "sessionAffinity":"None","internalTrafficPolicy":"Cluster"}
            """,
            candidate["spec"]);

        candidate = (System.Text.Json.Nodes.JsonObject)old.DeepClone();
        Rules.Set(candidate, "spec/type", "\"ExternalName\"");
        KindRules.PrepareForUpdate(Services, candidate, old);
        Assert.Null(candidate["spec"]!["clusterIP"]);
        Assert.Null(candidate["spec"]!["clusterIPs"]);
    }
}
