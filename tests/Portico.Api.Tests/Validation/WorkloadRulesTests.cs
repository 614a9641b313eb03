using Portico.Api.Kinds;

namespace Portico.Api.Tests.Validation;

public sealed class WorkloadRulesTests
{
    private const string Web = """
        metadata: {name: web, namespace: shop}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web, extra: x}}
            spec: {containers: [{name: web, image: "nginx:1.27"}]}
        """;

    private static readonly ResourceKind Deployments = KnownKinds.Deployments.Resource;

    [Fact]
    public void Default_Deployment_IsAsUpstream() => J.Equal(
        """
        {"metadata":{"name":"web","namespace":"shop"},
         "spec":{"replicas":1,"revisionHistoryLimit":10,"progressDeadlineSeconds":600,
          "strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}},
          "selector":{"matchLabels":{"app":"web"}},
          "template":{"metadata":{"labels":{"app":"web","extra":"x"}},
           "spec":{"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","schedulerName":"default-scheduler","securityContext":{},
            "containers":[{"name":"web","image":"nginx:1.27","terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",
             "imagePullPolicy":"IfNotPresent","resources":{}}]}}}}
        """,
        Rules.Defaulted(Deployments, Web));

    [Fact]
    public void Default_Recreate_GetsNoLimits() => Assert.Null(
        Rules.Defaulted(Deployments, "{spec: {strategy: {type: Recreate}}}")["spec"]!["strategy"]!["rollingUpdate"]);

    [Fact]
    public void Default_Twice_IsAsOnce()
    {
        var once = Rules.Defaulted(Deployments, Web);

        J.Equal(once, Rules.Defaulted(Deployments, once.ToJsonString()));
    }

    [Theory]
    [InlineData("spec/replicas", "-1", "spec.replicas: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("spec/selector", null, "spec.selector: Required value")]
    [InlineData("spec/selector", "{}", "spec.selector: Invalid value: {}: empty selector is invalid for deployment")]
    [InlineData("spec/selector/matchLabels/app", "\"other\"", "spec.template.metadata.labels: Invalid value: {\"app\":\"web\",\"extra\":\"x\"}: `selector` does not match template `labels`")]
    [InlineData("spec/template", null, "spec.template: Required value")]
    [InlineData("spec/template/spec/restartPolicy", "\"Never\"", "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"")]
    [InlineData("spec/template/spec/activeDeadlineSeconds", "5", "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in deployment is not Supported")]
    [InlineData("spec/minReadySeconds", "-1", "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("spec/progressDeadlineSeconds", "0", "spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds")]
    [InlineData("spec/strategy", """{"type":"BlueGreen"}""", "spec.strategy.type: Unsupported value: \"BlueGreen\": supported values: \"Recreate\", \"RollingUpdate\"")]
    [InlineData("spec/strategy", """{"type":"Recreate","rollingUpdate":{}}""", "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'")]
    [InlineData("spec/strategy/rollingUpdate", """{"maxUnavailable":0,"maxSurge":"0%"}""", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0")]
    [InlineData("spec/strategy/rollingUpdate", """{"maxUnavailable":"101%"}""", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%")]
    [InlineData("spec/strategy/rollingUpdate", """{"maxSurge":-1}""", "spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: must be greater than or equal to 0")]
    public void Validate_OneThingWrong_IsNamed(string path, string? json, string problem) =>
        Assert.Equal([problem], Rules.Problems(Deployments, Web, item => Rules.Set(item, path, json)));

    [Fact]
    public void Validate_Percent_HasItsForm() => Assert.StartsWith(
        "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"5\": a valid percent string",
        Assert.Single(Rules.Problems(Deployments, Web, item => Rules.Set(item, "spec/strategy/rollingUpdate/maxSurge", "\"5\""))), StringComparison.Ordinal);

    [Theory]
    [InlineData("""[{"key":"app","operator":"In","values":["web"]}]""", 0)]
    [InlineData("""[{"key":"app","operator":"NotIn","values":["web"]}]""", 1)]
    [InlineData("""[{"key":"app","operator":"Exists"}]""", 0)]
    [InlineData("""[{"key":"app","operator":"DoesNotExist"}]""", 1)]
    [InlineData("""[{"key":"app","operator":"Exists","values":["x"]}]""", 1)]
    [InlineData("""[{"key":"app","operator":"In"}]""", 2)]
    [InlineData("""[{"key":"app","operator":"Like","values":["web"]}]""", 2)]
    public void Validate_MatchExpressions_AreEvaluated(string expressions, int problems) =>
        Assert.Equal(problems, Rules.Problems(Deployments, Web, item => Rules.Set(item, "spec/selector", $$"""{"matchExpressions":{{expressions}}}""")).Count);

    [Fact]
    public void Validate_ChangedSelector_IsRefused() => Assert.Equal(
        ["spec.selector: Invalid value: {\"matchLabels\":{\"extra\":\"x\"}}: field is immutable"],
        Rules.Problems(Deployments, Web, item => Rules.Set(item, "spec/selector", """{"matchLabels":{"extra":"x"}}"""), Rules.Defaulted(Deployments, Web)));

    [Fact]
    public void Validate_ReplicaSet_SharesTheRules() => Assert.Equal(
        ["spec.selector: Invalid value: {}: empty selector is invalid for replicaset"],
        Rules.Problems(KnownKinds.ReplicaSets.Resource, Web, item => Rules.Set(item, "spec/selector", "{}")));
}
