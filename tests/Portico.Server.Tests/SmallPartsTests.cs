using System.Text.Json.Nodes;
using CsCheck;
using Portico.Server.Allocation;
using Portico.Server.Protobuf;
using Portico.Server.Requests;
using Portico.Server.Resources;
using Portico.Server.Store;
using Portico.Server.Tables;

namespace Portico.Server.Tests;

public sealed class SmallPartsTests
{
    [Theory]
    [InlineData("/api/v1/pods", "|v1||pods||")]
    [InlineData("/api/v1/namespaces", "|v1||namespaces||")]
    [InlineData("/api/v1/namespaces/shop", "|v1||namespaces|shop|")]
    [InlineData("/api/v1/namespaces/shop/status", "|v1||namespaces|shop|status")]
    [InlineData("/api/v1/namespaces/shop/finalize", "|v1||namespaces|shop|finalize")]
    [InlineData("/api/v1/namespaces/shop/pods/web/log", "|v1|shop|pods|web|log")]
    [InlineData("/apis/apps/v1/namespaces/shop/deployments/web", "apps|v1|shop|deployments|web|")]
    [InlineData("/apis/apps/v1", "apps|v1||||")]
    [InlineData("/apis/apps", null)]
    [InlineData("/api/v1/a/b/c/d", null)]
    [InlineData("/healthz", null)]
    public void RequestPath_Parse(string path, string? expected)
    {
        var parsed = RequestPath.TryParse(path, out var parts);
        Assert.Equal(expected, parsed ? $"{parts.Group}|{parts.Version}|{parts.Namespace}|{parts.Resource}|{parts.Name}|{parts.Subresource}" : null);
    }

    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData(10799, "179m")]
    [InlineData(10800, "3h")]
    [InlineData(11100, "3h5m")]
    [InlineData(28800, "8h")]
    [InlineData(172800, "2d")]
    [InlineData(176400, "2d1h")]
    [InlineData(691200, "8d")]
    [InlineData(63072000, "2y")]
    public void HumanDuration_LikeKubectl(int seconds, string expected) => Assert.Equal(expected, HumanDuration.Format(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void ContinueToken_RoundTrip()
    {
        var token = new ContinueToken(42, "shop", "web-1");
        Assert.True(ContinueToken.TryDecode(token.Encode(), out var read));
        Assert.Equal(token, read);
        Gen.String.Sample(text => { _ = ContinueToken.TryDecode(text, out _); });
    }

    [Fact]
    public void NumberPool_RandomUse_NeverTwoOwners() => Gen.Int[0, 9].Array[1, 200].Sample(operations =>
    {
        var pool = new NumberPool(1, 40, 8, new Random(1), 3);
        var owned = new HashSet<int>();
        foreach (var operation in operations)
        {
            if (operation < 6)
            {
                if (pool.TakeAny() is { } number)
                {
                    Assert.True(owned.Add(number) && number is >= 1 and <= 40 and not 3, $"{number}");
                    Assert.True(number > 8 || owned.Count(one => one > 8) == 32, "the lower band is touched before the upper one is full");
                }
                else
                {
                    Assert.Equal(39, owned.Count(one => one != 3));
                }
            }
            else if (operation < 8)
            {
                Assert.Equal(owned.Add(operation - 4), pool.TryTake(operation - 4));
            }
            else if (owned.Count > 0)
            {
                pool.Release(owned.First());
                owned.Remove(owned.First());
            }
        }
    });

    [Theory]
    [InlineData("10.96.0.0/16", "10.96.0.1", 1)]
    [InlineData("10.96.0.0/16", "10.96.255.254", 65534)]
    [InlineData("10.96.0.0/16", "10.96.0.0", null)]
    [InlineData("10.96.0.0/16", "10.96.255.255", null)]
    [InlineData("10.96.0.0/16", "10.97.0.1", null)]
    [InlineData("10.96.0.0/16", "10.96.0.01", null)]
    [InlineData("10.96.0.0/16", "fd00::1", null)]
    public void ServiceNetwork_Offset(string network, string address, int? expected) =>
        Assert.Equal(expected, ServiceNetwork.Parse(network).TryOffset(address, out var offset) ? offset : null);

    [Theory]
    [InlineData("10.96.0.0")]
    [InlineData("10.96.0.0/30")]
    [InlineData("fd00::/112")]
    public void ServiceNetwork_Bad_IsNamed(string network) =>
        Assert.Contains(network, Assert.Throws<ArgumentException>(() => ServiceNetwork.Parse(network)).Message, StringComparison.Ordinal);

    [Fact]
    public void Protobuf_ReadsWhatGoWrites()
    {
        // SelfSubjectAccessReview of "kubectl auth can-i create pods", as kubectl puts it on the wire: zeros of fields that are no pointers included.
        byte[] spec = [.. Field(1, [.. Field(1, "default"), .. Field(2, "create"), .. Field(3, ""), .. Field(4, "*"), .. Field(5, "pods")])];
        byte[] review = [.. Field(1, [.. Field(1, ""), .. Field(8, [])]), .. Field(2, spec), .. Field(3, [0x08, 0x00])];
        var body = Envelope("authorization.k8s.io/v1", "SelfSubjectAccessReview", review);
        Assert.True(ProtobufObject.TryRead(body, out var item, out _));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""
                {"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","metadata":{},
                 "spec":{"resourceAttributes":{"namespace":"default","verb":"create","version":"*","resource":"pods"}},"status":{"allowed":false}}
                """),
            item), item.ToJsonString());
        for (var length = 0; length < body.Length; length++)
        {
            _ = ProtobufObject.TryRead(body.AsSpan(0, length), out _, out _);
        }
    }

    [Fact]
    public void Protobuf_RandomBytes_NeverThrow() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        foreach (var kind in (string[])["Pod", "Service", "Event", "Nothing"])
        {
            _ = ProtobufObject.TryRead(Envelope("v1", kind, bytes), out _, out _);
        }
    });

    [Fact]
    public void RawJson_FindsValues()
    {
        var json = """{"a":{"x":[1,{"b":2}],"b":{"c":"text","d":true,"e":5}},"m":{"k":"v","n":7}}"""u8;
        Assert.Equal("text", RawJson.Text(json, "a", "b", "c"));
        Assert.Equal("true", RawJson.Text(json, "a", "b", "d"));
        Assert.Equal("5", RawJson.Text(json, "a", "b", "e"));
        Assert.Null(RawJson.Text(json, "a", "b", "f"));
        Assert.Null(RawJson.Text(json, "a", "b"));
        Assert.Equal("v", Assert.Single(RawJson.Map(json, "m")).Value);
    }

    private static byte[] Envelope(string apiVersion, string kind, byte[] raw) =>
        [.. "k8s\0"u8, .. Field(1, [.. Field(1, apiVersion), .. Field(2, kind)]), .. Field(2, raw)];

    private static byte[] Field(int number, string text) => Field(number, System.Text.Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int number, byte[] content)
    {
        var length = content.Length < 128 ? new byte[] { (byte)content.Length } : [(byte)((content.Length & 0x7f) | 0x80), (byte)(content.Length >> 7)];
        return [(byte)((number << 3) | 2), .. length, .. content];
    }
}
