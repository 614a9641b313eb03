using System.Text.Json;
using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;

namespace Portico.Api.Tests.Json;

public sealed class ApiJsonTests
{
    public static TheoryData<string> Kinds => [.. KnownKinds.All.Select(kind => kind.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Wire_EveryKind_RoundTrips(string name)
    {
        var type = typeof(IObject).Assembly.GetType($"Portico.Api.Objects.{name}")!;
        var info = ApiJson.Wire.GetTypeInfo(type);
        var empty = (IObject)JsonSerializer.Deserialize("""{"metadata":{"name":"web","namespace":"shop","labels":{"a":"<b>"},"creationTimestamp":"2026-01-02T03:04:05Z"}}""", info)!;

        var text = JsonSerializer.Serialize(empty, info);
        var again = (IObject)JsonSerializer.Deserialize(text, info)!;

        Assert.Equal(new(empty.Metadata.Namespace, empty.Metadata.Name), ObjectKey.Of(again));
        Assert.Equal(text, JsonSerializer.Serialize(again, info));
        Assert.Contains("\"creationTimestamp\":\"2026-01-02T03:04:05Z\"", text, StringComparison.Ordinal);
        Assert.Contains("\"a\":\"<b>\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("null", text, StringComparison.Ordinal);
        Assert.Equal(name, again.Kind);
        Assert.Equal(KnownKinds.All.Single(kind => kind.Kind == name).ApiVersion, again.ApiVersion);
    }

    [Fact]
    public void TypeInfo_Lists_KeepTheirItems()
    {
        var list = JsonSerializer.Deserialize("""{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}}]}""", ApiJson.TypeInfo<ObjectList<Pod>>())!;

        Assert.Equal("a", Assert.Single(list.Items).Metadata.Name);
    }

    [Fact]
    public void Format_Times_AreGos()
    {
        var time = new DateTimeOffset(2026, 1, 2, 5, 4, 5, TimeSpan.FromHours(2)).AddTicks(1_234_567);

        Assert.Equal("2026-01-02T03:04:05Z", TimeConverter.Format(time));
        Assert.Equal("2026-01-02T03:04:05.123456Z", MicroTimeConverter.Format(time));
    }
}
