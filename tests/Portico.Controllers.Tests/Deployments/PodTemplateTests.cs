using System.Text.Json;
using Portico.Controllers.Deployments;

namespace Portico.Controllers.Tests.Deployments;

public sealed class PodTemplateTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"c":[1,2]}}""", """{"b":{"c":[1,2]},"a":1}""", true)]
    [InlineData("""{"metadata":{"creationTimestamp":null,"labels":{"app":"x"}}}""", """{"metadata":{"labels":{"app":"x","pod-template-hash":"abc"}}}""", true)]
    [InlineData("""{"spec":{"volumes":[]}}""", """{"spec":{}}""", true)]
    [InlineData("""{"volume":{"emptyDir":{}}}""", """{"volume":{}}""", false)]
    [InlineData("""{"c":[1,2]}""", """{"c":[2,1]}""", false)]
    [InlineData("""{"image":"web:1"}""", """{"image":"web:2"}""", false)]
    public void AreEqual_Templates_ByMeaning(string left, string right, bool expected)
    {
        Assert.Equal(expected, PodTemplate.AreEqual(Parse(left), Parse(right)));
        Assert.Equal(expected, PodTemplate.Hash(Parse(left), null) == PodTemplate.Hash(Parse(right), null));
    }

    [Fact]
    public void Hash_AfterACollision_IsAnotherAndFitsALabel()
    {
        var template = Parse("""{"image":"web:1"}""");
        var hashes = new int?[] { null, 1, 2, 300 }.Select(count => PodTemplate.Hash(template, count)).ToList();
        Assert.Distinct(hashes);
        Assert.All(hashes, hash => Assert.Matches("^[bcdfghjklmnpqrstvwxz2456789]{1,10}$", hash));
    }

    [Fact]
    public void WithLabel_UnknownFields_AreKept()
    {
        var labeled = PodTemplate.WithLabel(Parse("""{"spec":{"future":{"field":[1]}}}"""), "pod-template-hash", "x");
        Assert.Equal("""{"spec":{"future":{"field":[1]}},"metadata":{"labels":{"pod-template-hash":"x"}}}""", labeled.GetRawText());
    }

    private static JsonElement Parse(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
