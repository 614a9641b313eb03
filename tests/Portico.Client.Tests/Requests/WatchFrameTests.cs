using System.Text;
using CsCheck;
using System.Text.Json;
using Portico.Api.Kinds;
using Portico.Client.Requests;

namespace Portico.Client.Tests.Requests;

public sealed class WatchFrameTests
{
    [Theory]
    [InlineData("ADDED", WatchEventType.Added)]
    [InlineData("MODIFIED", WatchEventType.Modified)]
    [InlineData("DELETED", WatchEventType.Deleted)]
    [InlineData("BOOKMARK", WatchEventType.Bookmark)]
    public void Read_Event_HasTypeAndObject(string type, WatchEventType expected)
    {
        var frame = WatchFrame.Read(
            Encoding.UTF8.GetBytes("""{"new":[1,{"a":2}],"type":"TYPE","object":{"metadata":{"name":"web"}}}""".Replace("TYPE", type, StringComparison.Ordinal)), KnownKinds.Pods.TypeInfo);
        Assert.Equal(expected, frame.Type);
        Assert.Equal("web", frame.Object.Metadata.Name);
    }

    [Fact]
    public void Read_Error_ThrowsItsStatus()
    {
        var line = """{"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Expired","code":410,"message":"too old"}}"""u8.ToArray();
        var error = Assert.Throws<KubernetesException>(() => WatchFrame.Read(line, KnownKinds.Pods.TypeInfo));
        Assert.Equal(410, error.Status.Code);
    }

    [Fact]
    public void Read_AnyBytes_ThrowsNothingUnexpected() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        try
        {
            WatchFrame.Read(bytes, KnownKinds.Pods.TypeInfo);
        }
        catch (Exception error) when (error is JsonException or InvalidDataException)
        {
            // What the reflector lists again for.
        }
    });
}
