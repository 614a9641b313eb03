using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Schemas;

namespace Portico.Api.Tests.Schemas;

public sealed class SchemaCheckerTests
{
    private static readonly ObjectSchema Service = KindSchemas.For(KnownKinds.Services.Resource);

    [Fact]
    public void Check_RealDeployment_IsClean()
    {
        var item = J.Yaml("""
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: web
              labels: {app: web}
              annotations: {example.com/note: "1"}
            spec:
              replicas: 3
              selector: {matchLabels: {app: web}}
              strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 25%}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  affinity:
                    podAntiAffinity:
                      preferredDuringSchedulingIgnoredDuringExecution:
                      - weight: 100
                        podAffinityTerm: {labelSelector: {matchLabels: {app: web}}, topologyKey: kubernetes.io/hostname}
                  containers:
                  - name: web
                    image: nginx:1.27
                    ports: [{name: http, containerPort: 80}]
                    env:
                    - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                    resources: {requests: {cpu: 0.5, memory: 1Gi}, limits: {cpu: 2}}
                    readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 5}
                    lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}
                    securityContext: {capabilities: {drop: [ALL]}, readOnlyRootFilesystem: true}
                    volumeMounts: [{name: data, mountPath: /data}]
                  volumes:
                  - {name: data, emptyDir: {sizeLimit: 1Gi}}
                  - {name: token, projected: {sources: [{serviceAccountToken: {path: token}}]}}
                  topologySpreadConstraints:
                  - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}
            """);

        var found = SchemaChecker.Check(item, KindSchemas.For(KnownKinds.Deployments.Resource));

        Assert.True(found.IsClean, string.Join("; ", found.UnknownFields.Concat(found.TypeErrors).Select(finding => finding.Message)));
    }

    [Fact]
    public void Check_UnknownFields_AreNamedWithTheirPath()
    {
        var found = SchemaChecker.Check(J.Object("""{"spec":{"foo":1,"ports":[{"port":80},{"prot":81}]},"extra":{}}"""), Service);

        Assert.Equal(
            ["unknown field \"spec.foo\"", "unknown field \"spec.ports[1].prot\"", "unknown field \"extra\""], found.UnknownFields.Select(finding => finding.Message));
        Assert.Empty(found.TypeErrors);
    }

    [Theory]
    [InlineData("""{"spec":{"ports":[{"port":"80"}]}}""", "spec.ports[0].port: expected a 32-bit integer, found the string \"80\"")]
    [InlineData("""{"spec":{"ports":[{"port":80.5}]}}""", "spec.ports[0].port: expected a 32-bit integer, found the number 80.5")]
    [InlineData("""{"spec":{"ports":[{"port":3000000000}]}}""", "spec.ports[0].port: expected a 32-bit integer, found the number 3000000000")]
    [InlineData("""{"spec":{"ports":{}}}""", "spec.ports: expected a list, found an object")]
    [InlineData("""{"spec":[]}""", "spec: expected an object, found a list")]
    [InlineData("""{"spec":{"selector":{"a":1}}}""", "spec.selector.a: expected a string, found the number 1")]
    [InlineData("""{"spec":{"publishNotReadyAddresses":"yes"}}""", "spec.publishNotReadyAddresses: expected true or false, found the string \"yes\"")]
    [InlineData("""{"metadata":{"creationTimestamp":"today"}}""", "metadata.creationTimestamp: expected an RFC 3339 time, found the string \"today\"")]
    [InlineData("""{"metadata":{"labels":{"a":true}}}""", "metadata.labels.a: expected a string, found the boolean true")]
    public void Check_WrongType_SaysWhereAndWhatIsExpected(string json, string message)
    {
        var finding = Assert.Single(SchemaChecker.Check(J.Object(json), Service).TypeErrors);

        Assert.Equal(message, finding.Message);
        Assert.Equal(message.Split(':')[0], finding.Path);
    }

    [Fact]
    public void Check_BytesThatAreNone_StayOutOfTheMessage() => Assert.Equal(
        "data.password: expected a base64 string, found another string",
        Assert.Single(SchemaChecker.Check(J.Object("""{"data":{"password":"hunter 2!"}}"""), KindSchemas.For(KnownKinds.Secrets.Resource)).TypeErrors).Message);

    [Fact]
    public void Check_NullsAndBothFormsOfAPort_AreFine() => Assert.True(SchemaChecker.Check(
        J.Object("""{"metadata":null,"spec":{"ports":[{"port":80,"targetPort":"http"},{"port":81,"targetPort":81}],"selector":null}}"""), Service).IsClean);

    [Theory]
    [InlineData("100m", true)]
    [InlineData("1Gb", false)]
    public void Check_Quantity_HasItsSyntax(string quantity, bool clean)
    {
        var pod = J.Object("""{"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":""}}}]}}""");
        pod["spec"]!["containers"]![0]!["resources"]!["limits"]!["cpu"] = quantity;

        Assert.Equal(clean, SchemaChecker.Check(pod, KindSchemas.For(KnownKinds.Pods.Resource)).IsClean);
    }

    [Fact]
    public void Check_HostileObject_FindsNoMoreThanAFewHundred()
    {
        var item = new JsonObject();
        for (var i = 0; i < 10_000; i++)
        {
            item[$"x{i}"] = i;
        }

        Assert.Equal(SchemaChecker.MaxFindings, SchemaChecker.Check(item, Service).UnknownFields.Count);
    }
}
