using System.Collections.Immutable;
using Portico.Api.Objects;
using Portico.Node.Containers;

namespace Portico.Node.Tests.Containers;

public sealed class ContainerEnvironmentTests
{
    private static readonly Pod Pod = new()
    {
        Metadata = new()
        {
            Name = "web-1", Namespace = "shop", Uid = "u-1",
            Labels = new Dictionary<string, string> { ["app"] = "web" },
            Annotations = new Dictionary<string, string> { ["example.org/a"] = "b" },
        },
        Spec = new() { NodeName = "node1", ServiceAccountName = "runner" },
        Status = new() { PodIP = "10.244.1.2", PodIPs = [new() { Ip = "10.244.1.2" }], HostIP = "192.168.77.11" },
    };

    private static readonly References References = new()
    {
        ConfigMaps = ImmutableDictionary<string, ConfigMap>.Empty.Add("settings", new() { Data = new Dictionary<string, string> { ["color"] = "blue" } }),
        Secrets = ImmutableDictionary<string, Secret>.Empty.Add("keys", new() { Data = new Dictionary<string, string> { ["key"] = "czNjcmV0" } }),
    };

    [Theory]
    [InlineData("metadata.name", "web-1")]
    [InlineData("metadata.namespace", "shop")]
    [InlineData("metadata.uid", "u-1")]
    [InlineData("metadata.labels['app']", "web")]
    [InlineData("metadata.labels['none']", "")]
    [InlineData("metadata.annotations['example.org/a']", "b")]
    [InlineData("spec.nodeName", "node1")]
    [InlineData("spec.serviceAccountName", "runner")]
    [InlineData("status.podIP", "10.244.1.2")]
    [InlineData("status.podIPs", "10.244.1.2")]
    [InlineData("status.hostIP", "192.168.77.11")]
    public void Compile_FieldRef_IsThePodsField(string path, string expected) =>
        Assert.Equal(expected, Compile(new EnvVar { Name = "X", ValueFrom = new() { FieldRef = new() { FieldPath = path } } })!["X"]);

    [Fact]
    public void Compile_ValueThatNamesEarlierOnes_IsExpanded()
    {
        var compiled = Compile(new() { Name = "A", Value = "1" }, new() { Name = "B", Value = "$(A)$(C)" }, new() { Name = "C", Value = "3" })!;
        Assert.Equal("1$(C)", compiled["B"]);
        Assert.Equal("10.96.0.1", compiled["KUBERNETES_SERVICE_HOST"]);
        Assert.Equal("443", compiled["KUBERNETES_SERVICE_PORT"]);
    }

    [Fact]
    public void Compile_ConfigMapAndSecret_AreRead()
    {
        var compiled = Compile(
            new() { Name = "COLOR", ValueFrom = new() { ConfigMapKeyRef = new() { Name = "settings", Key = "color" } } },
            new() { Name = "KEY", ValueFrom = new() { SecretKeyRef = new() { Name = "keys", Key = "key" } } })!;
        Assert.Equal(("blue", "s3cret"), (compiled["COLOR"], compiled["KEY"]));
    }

    [Theory]
    [InlineData("settings", "none", "couldn't find key none in ConfigMap shop/settings")]
    [InlineData("none", "color", "configmap \"none\" not found")]
    public void Compile_ReferenceIsMissing_SaysWhichUnlessOptional(string name, string key, string expected)
    {
        var reference = new KeySelector { Name = name, Key = key };
        Assert.Null(ContainerEnvironment.Compile(Pod, Container(new EnvVar { Name = "X", ValueFrom = new() { ConfigMapKeyRef = reference } }), References, new("https://10.96.0.1"), "web-1", out var error));
        Assert.Equal(expected, error);
        var compiled = Compile(new EnvVar { Name = "X", ValueFrom = new() { ConfigMapKeyRef = reference with { Optional = true } } })!;
        Assert.False(compiled.ContainsKey("X"));
    }

    [Fact]
    public void Compile_EnvFrom_HasPrefixAndIsOverriddenByEnv()
    {
        var container = Container(new EnvVar { Name = "P_color", Value = "red" }) with
        {
            EnvFrom = [new() { Prefix = "P_", ConfigMapRef = new() { Name = "settings" } }, new() { SecretRef = new() { Name = "keys" } }],
        };
        var compiled = ContainerEnvironment.Compile(Pod, container, References, new("https://10.96.0.1"), "web-1", out _)!;
        Assert.Equal(("red", "s3cret"), (compiled["P_color"], compiled["key"]));
    }

    private static Container Container(params EnvVar[] env) => new() { Name = "main", Env = env };

    private static Dictionary<string, string>? Compile(params EnvVar[] env) =>
        ContainerEnvironment.Compile(Pod, Container(env), References, new("https://10.96.0.1"), "web-1", out _);
}
