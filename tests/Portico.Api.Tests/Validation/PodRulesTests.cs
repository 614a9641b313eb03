using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Validation;

namespace Portico.Api.Tests.Validation;

public sealed class PodRulesTests
{
    private const string Web = """
        metadata: {name: web, namespace: shop}
        spec:
          volumes: [{name: data}]
          containers:
          - name: web
            image: nginx:1.27
            ports: [{name: http, containerPort: 80}]
            volumeMounts: [{name: data, mountPath: /data}]
            readinessProbe: {httpGet: {port: http}}
          - {name: side, image: side}
        """;

    private static readonly ResourceKind Pods = KnownKinds.Pods.Resource;

    [Fact]
    public void Default_Pod_IsAsUpstream() => J.Equal(
        """
        {"metadata":{"name":"web","namespace":"shop"},
         "spec":{"volumes":[{"name":"data","emptyDir":{}}],
          "containers":[
           {"name":"web","image":"nginx:1.27","ports":[{"name":"http","containerPort":80,"protocol":"TCP"}],"volumeMounts":[{"name":"data","mountPath":"/data"}],
            "readinessProbe":{"httpGet":{"port":"http","path":"/","scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},
            "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent","resources":{}},
           {"name":"side","image":"side","terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"Always","resources":{}}],
          "restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","schedulerName":"default-scheduler","securityContext":{},
          "enableServiceLinks":true}}
        """,
        Rules.Defaulted(Pods, Web));

    [Theory]
    [InlineData("a", "Always")]
    [InlineData("a:latest", "Always")]
    [InlineData("registry:5000/a", "Always")]
    [InlineData("registry:5000/a:1", "IfNotPresent")]
    [InlineData("a@sha256:0123", "IfNotPresent")]
    public void Default_ImagePullPolicy_FollowsTheTag(string image, string policy) => Assert.Equal(
        policy, Rules.Defaulted(Pods, $"{{spec: {{containers: [{{image: '{image}'}}]}}}}")["spec"]!["containers"]![0]!["imagePullPolicy"]!.GetValue<string>());

    [Fact]
    public void Default_VolumesAndFields_AreAsUpstream()
    {
        var spec = Rules.Defaulted(Pods, """
            spec:
              serviceAccount: robot
              hostNetwork: true
              volumes:
              - {name: a, configMap: {name: c}}
              - {name: b, secret: {secretName: s}}
              - {name: c, hostPath: {path: /}}
              - {name: d, projected: {sources: [{serviceAccountToken: {path: t}}, {downwardAPI: {items: [{path: p, fieldRef: {fieldPath: metadata.name}}]}}]}}
              containers:
              - name: x
                ports: [{containerPort: 80}]
                env: [{name: N, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
                resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}
                lifecycle: {preStop: {httpGet: {port: 80}}}
                livenessProbe: {grpc: {port: 80}, periodSeconds: 3}
            """)["spec"]!;

        Assert.Equal("robot", spec["serviceAccountName"]!.GetValue<string>());
        J.Equal("""[{"name":"a","configMap":{"name":"c","defaultMode":420}},{"name":"b","secret":{"secretName":"s","defaultMode":420}},{"name":"c","hostPath":{"path":"/","type":""}},{"name":"d","projected":{"defaultMode":420,"sources":[{"serviceAccountToken":{"path":"t","expirationSeconds":3600}},{"downwardAPI":{"items":[{"path":"p","fieldRef":{"fieldPath":"metadata.name","apiVersion":"v1"}}]}}]}}]""", spec["volumes"]);
        var container = spec["containers"]![0]!;
        J.Equal("""[{"containerPort":80,"protocol":"TCP","hostPort":80}]""", container["ports"]);
        J.Equal("""{"fieldRef":{"fieldPath":"metadata.name","apiVersion":"v1"}}""", container["env"]![0]!["valueFrom"]);
        J.Equal("""{"limits":{"cpu":1,"memory":"1Gi"},"requests":{"cpu":"500m","memory":"1Gi"}}""", container["resources"]);
        J.Equal("""{"preStop":{"httpGet":{"port":80,"path":"/","scheme":"HTTP"}}}""", container["lifecycle"]);
        J.Equal("""{"grpc":{"port":80,"service":""},"timeoutSeconds":1,"periodSeconds":3,"successThreshold":1,"failureThreshold":3}""", container["livenessProbe"]);
    }

    [Fact]
    public void Validate_GoodPod_IsFine() => Assert.Empty(Rules.Problems(Pods, Web));

    [Theory]
    [InlineData("spec/containers", "[]", "spec.containers: Required value")]
    [InlineData("spec/containers/0/name", "\"Web\"", "spec.containers[0].name: Invalid value: \"Web\": a lowercase RFC 1123 label")]
    [InlineData("spec/containers/1/name", "\"web\"", "spec.containers[1].name: Duplicate value: \"web\"")]
    [InlineData("spec/containers/0/image", "\"\"", "spec.containers[0].image: Required value")]
    [InlineData("spec/containers/0/image", "\" a\"", "spec.containers[0].image: Invalid value: \" a\": must not have leading or trailing whitespace")]
    [InlineData("spec/containers/0/imagePullPolicy", "\"Maybe\"", "spec.containers[0].imagePullPolicy: Unsupported value: \"Maybe\"")]
    [InlineData("spec/containers/0/ports/0/containerPort", "0", "spec.containers[0].ports[0].containerPort: Required value")]
    [InlineData("spec/containers/0/ports/0/containerPort", "70000", "spec.containers[0].ports[0].containerPort: Invalid value: 70000")]
    [InlineData("spec/containers/0/ports/0/name", "\"HTTP\"", "spec.containers[0].ports[0].name: Invalid value: \"HTTP\"")]
    [InlineData("spec/containers/0/env", """[{"name":"a=b"}]""", "spec.containers[0].env[0].name: Invalid value: \"a=b\"")]
    [InlineData("spec/containers/0/env", """[{"value":"x"}]""", "spec.containers[0].env[0].name: Required value")]
    [InlineData("spec/containers/0/env", """[{"name":"A","value":"x","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]""", "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty")]
    [InlineData("spec/containers/0/env", """[{"name":"A","valueFrom":{}}]""", "spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of")]
    [InlineData("spec/containers/0/env", """[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"spec.color"}}}]""", "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"spec.color\"")]
    [InlineData("spec/containers/0/env", """[{"name":"A","valueFrom":{"secretKeyRef":{"name":"s","key":"a/b"}}}]""", "spec.containers[0].env[0].valueFrom.secretKeyRef.key: Invalid value: \"a/b\"")]
    [InlineData("spec/containers/0/envFrom", "[{}]", "spec.containers[0].envFrom[0]: Invalid value: \"\": must specify one of")]
    [InlineData("spec/containers/0/volumeMounts/0/name", "\"none\"", "spec.containers[0].volumeMounts[0].name: Not found: \"none\"")]
    [InlineData("spec/containers/0/volumeMounts", """[{"name":"data","mountPath":"/a"},{"name":"data","mountPath":"/a"}]""", "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique")]
    [InlineData("spec/containers/0/volumeMounts/0/subPath", "\"../up\"", "spec.containers[0].volumeMounts[0].subPath: Invalid value: \"../up\": must not contain '..'")]
    [InlineData("spec/containers/0/readinessProbe", "{}", "spec.containers[0].readinessProbe: Required value: must specify a handler type")]
    [InlineData("spec/containers/0/readinessProbe/tcpSocket", """{"port":80}""", "spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type")]
    [InlineData("spec/containers/0/readinessProbe/periodSeconds", "-1", "spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1")]
    [InlineData("spec/containers/0/livenessProbe", """{"exec":{"command":["x"]},"successThreshold":2}""", "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1")]
    [InlineData("spec/containers/0/livenessProbe", """{"exec":{"command":[]}}""", "spec.containers[0].livenessProbe.exec.command: Required value")]
    [InlineData("spec/containers/0/resources", """{"limits":{"cpu":"1"},"requests":{"cpu":"2"}}""", "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1")]
    [InlineData("spec/containers/0/resources", """{"requests":{"cpu":"-1"}}""", "spec.containers[0].resources.requests[cpu]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("spec/containers/0/securityContext", """{"runAsUser":-1}""", "spec.containers[0].securityContext.runAsUser: Invalid value: -1")]
    [InlineData("spec/initContainers", """[{"name":"i","image":"i","readinessProbe":{"exec":{"command":["x"]}}}]""", "spec.initContainers[0].readinessProbe: Forbidden")]
    [InlineData("spec/volumes/0", """{"name":"data","emptyDir":{},"secret":{"secretName":"s"}}""", "spec.volumes[0].secret: Forbidden: may not specify more than 1 volume type")]
    [InlineData("spec/volumes/0", """{"name":"data","hostPath":{"path":"/a/../b"}}""", "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'")]
    [InlineData("spec/restartPolicy", "\"Sometimes\"", "spec.restartPolicy: Unsupported value: \"Sometimes\"")]
    [InlineData("spec/dnsPolicy", "\"None\"", "spec.dnsConfig.nameservers: Required value")]
    [InlineData("spec/terminationGracePeriodSeconds", "-1", "spec.terminationGracePeriodSeconds: Invalid value: -1")]
    [InlineData("spec/nodeSelector", """{"a":"b c"}""", "spec.nodeSelector: Invalid value: \"b c\"")]
    [InlineData("spec/tolerations", """[{"operator":"Equal"}]""", "spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists")]
    [InlineData("spec/hostAliases", """[{"ip":"1.2.3"}]""", "spec.hostAliases[0].ip: Invalid value: \"1.2.3\"")]
    [InlineData("spec/hostname", "\"a.b\"", "spec.hostname: Invalid value: \"a.b\"")]
    [InlineData("spec/affinity", """{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":""}]}}""", "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value")]
    [InlineData("spec/topologySpreadConstraints", """[{"maxSkew":0,"topologyKey":"z","whenUnsatisfiable":"DoNotSchedule"}]""", "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0")]
    public void Validate_OneThingWrong_IsNamed(string path, string json, string problem) =>
        Assert.StartsWith(problem, Assert.Single(Rules.Problems(Pods, Web, item => Rules.Set(item, path, json))), StringComparison.Ordinal);

    [Theory]
    [InlineData("spec/containers/0/image", "\"nginx:2\"")]
    [InlineData("spec/activeDeadlineSeconds", "5")]
    [InlineData("spec/tolerations", """[{"key":"a","operator":"Exists"}]""")]
    [InlineData("spec/nodeName", "\"node1\"")]
    [InlineData("metadata/labels", """{"a":"b"}""")]
    public void Validate_UpdateThatIsAllowed_IsFine(string path, string json) =>
        Assert.Empty(Rules.Problems(Pods, Web, item => Rules.Set(item, path, json), Rules.Defaulted(Pods, Web)));

    [Theory]
    [InlineData("spec/containers/0/args", """["x"]""", "spec.containers")]
    [InlineData("spec/hostname", "\"h\"", "spec.hostname")]
    [InlineData("spec/terminationGracePeriodSeconds", "5", "spec.terminationGracePeriodSeconds")]
    public void Validate_UpdateOfAnythingElse_IsForbiddenAndNamed(string path, string json, string changed)
    {
        var problem = Assert.Single(Rules.Problems(Pods, Web, item => Rules.Set(item, path, json), Rules.Defaulted(Pods, Web)));

        Assert.StartsWith("spec: Forbidden: pod updates may not change fields other than", problem, StringComparison.Ordinal);
        Assert.EndsWith($"changed: {changed}", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_AnotherNode_IsForbidden()
    {
        var old = Rules.Defaulted(Pods, Web);
        Rules.Set(old, "spec/nodeName", "\"node1\"");

        Assert.Single(Rules.Problems(Pods, Web, item => Rules.Set(item, "spec/nodeName", "\"node2\""), old));
    }

    [Fact]
    public void Validate_RemovedToleration_IsForbidden()
    {
        var old = Rules.Defaulted(Pods, Web);
        Rules.Set(old, "spec/tolerations", """[{"key":"a","operator":"Exists"}]""");

        Assert.StartsWith("spec.tolerations: Forbidden", Assert.Single(Rules.Problems(Pods, Web, null, old)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "BestEffort")]
    [InlineData("""{"requests":{"cpu":"1"}}""", "Burstable")]
    [InlineData("""{"limits":{"cpu":"1","memory":"1Gi"}}""", "Guaranteed")]
    [InlineData("""{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"0.5"}}""", "Burstable")]
    public void PrepareForCreate_Pod_StartsPendingWithItsQuality(string resources, string quality)
    {
        var pod = J.Yaml("{status: {phase: Running}, spec: {containers: [{name: a, image: a}]}}");
        pod["spec"]!["containers"]![0]!["resources"] = JsonNode.Parse(resources);

        KindRules.PrepareForCreate(Pods, pod);

        J.Equal($$"""{"phase":"Pending","qosClass":"{{quality}}"}""", pod["status"]);
    }
}
