using System.Text.Json.Nodes;

namespace Portico.Server.Tests;

public sealed class AccessTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("/healthz", 200)]
    [InlineData("/livez", 200)]
    [InlineData("/readyz", 200)]
    [InlineData("/version", 200)]
    [InlineData("/", 401)]
    [InlineData("/api", 401)]
    [InlineData("/metrics", 401)]
    [InlineData("/openapi/v2", 401)]
    [InlineData("/api/v1/namespaces/default/secrets", 401)]
    public async Task NoCredentials_OnlyHealthAndVersion(string path, int code)
    {
        using var nobody = _server.Client();
        using var response = await nobody.GetAsync(path);
        Assert.Equal(code, (int)response.StatusCode);
        using var stranger = _server.Client("wrong-token");
        using var refused = await stranger.GetAsync(path);
        Assert.Equal(code, (int)refused.StatusCode);
    }

    [Fact]
    public async Task Certificate_OfTheAuthority_IsAUser_AndOfAStrangerIsNot()
    {
        using var admin = _server.Client(certificate: _server.Pki.Client("me", "system:masters"));
        var (code, review) = await _server.SendAsync("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", new JsonObject(), client: admin);
        Assert.Equal((201, "me"), (code, (string)review["status"]!["userInfo"]!["username"]!));
        Assert.Equal("""["system:masters","system:authenticated"]""", review["status"]!["userInfo"]!["groups"]!.ToJsonString());

        using var stranger = _server.Client(certificate: new TestPki().Client("me", "system:masters"));
        Assert.Equal(401, (await _server.SendAsync("GET", "/api/v1/pods", client: stranger)).Code);
        // A server's certificate is no user's, although the same authority signed it.
        using var server = _server.Client(certificate: _server.Pki.Server());
        Assert.Equal(401, (await _server.SendAsync("GET", "/api/v1/pods", client: server)).Code);
    }

    [Fact]
    public async Task Node_MayWhatTheTableSays()
    {
        using var node = _server.Client(certificate: _server.Pki.Client("system:node:node1", "system:nodes"));
        const string pods = "/api/v1/namespaces/default/pods";
        foreach (var (name, place) in ((string, string)[])[("own", "node1"), ("other", "node2")])
        {
            var pod = VerbTests.Pod(name);
            pod["spec"]!["nodeName"] = place;
            await _server.CreateAsync(pods, pod);
        }

        var now = JsonNode.Parse("""{"gracePeriodSeconds":0}""");
        Assert.Equal(200, (await _server.SendAsync("GET", "/api/v1/secrets", client: node)).Code);
        Assert.Equal(201, (await _server.SendAsync("POST", "/api/v1/nodes", JsonNode.Parse("""{"metadata":{"name":"node1"}}"""), client: node)).Code);
        Assert.Equal(403, (await _server.SendAsync("POST", pods, VerbTests.Pod("x"), client: node)).Code);
        Assert.Equal(403, (await _server.SendAsync("DELETE", $"{pods}/other", now?.DeepClone(), client: node)).Code);
        Assert.Equal(200, (await _server.SendAsync("DELETE", $"{pods}/own", now?.DeepClone(), client: node)).Code);
        var status = JsonNode.Parse("""{"status":{"phase":"Running"}}""");
        Assert.Equal(200, (await _server.SendAsync("PATCH", $"{pods}/other/status", status, "application/merge-patch+json", node)).Code);
        var (code, refused) = await _server.SendAsync("DELETE", "/api/v1/namespaces/default/services/kubernetes", client: node);
        Assert.Equal(403, code);
        Assert.Equal(
            "services \"kubernetes\" is forbidden: User \"system:node:node1\" cannot delete resource \"services\" in API group \"\" in the namespace \"default\"",
            (string)refused["message"]!);
    }

    [Fact]
    public async Task ServiceAccountToken_WorksUntilItsObjectsAreGone()
    {
        await _server.CreateAsync("/api/v1/namespaces/portico-system/serviceaccounts", JsonNode.Parse("""{"metadata":{"name":"gateway"}}""")!);
        await _server.CreateAsync("/api/v1/namespaces/portico-system/pods", VerbTests.Pod("gateway-1"));
        var body = JsonNode.Parse("""{"spec":{"expirationSeconds":600,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"gateway-1"}}}""")!;
        var request = await _server.CreateAsync("/api/v1/namespaces/portico-system/serviceaccounts/gateway/token", body);
        var token = (string)request["status"]!["token"]!;
        using var gateway = _server.Client(token);

        Assert.Equal(200, (await _server.SendAsync("GET", "/apis/networking.k8s.io/v1/ingresses", client: gateway)).Code);
        Assert.Equal(200, (await _server.SendAsync("GET", "/apis", client: gateway)).Code);
        Assert.Equal(403, (await _server.SendAsync("GET", "/api/v1/pods", client: gateway)).Code);
        Assert.Equal(403, (await _server.SendAsync("DELETE", "/api/v1/namespaces/default/services/kubernetes", client: gateway)).Code);
        var review = await _server.CreateAsync(
            "/apis/authentication.k8s.io/v1/tokenreviews", new JsonObject { ["spec"] = new JsonObject { ["token"] = token } });
        Assert.Equal("system:serviceaccount:portico-system:gateway", (string)review["status"]!["user"]!["username"]!);

        using var forged = _server.Client(token[..^4] + (token.EndsWith('A') ? "BBBB" : "AAAA"));
        Assert.Equal(401, (await _server.SendAsync("GET", "/apis", client: forged)).Code);
        await _server.SendAsync("DELETE", "/api/v1/namespaces/portico-system/pods/gateway-1");
        Assert.Equal(401, (await _server.SendAsync("GET", "/apis", client: gateway)).Code);
    }

    [Fact]
    public async Task OtherServiceAccount_MayAskWhatItMay()
    {
        await _server.CreateAsync("/api/v1/namespaces/default/serviceaccounts", JsonNode.Parse("""{"metadata":{"name":"app"}}""")!);
        var request = await _server.CreateAsync("/api/v1/namespaces/default/serviceaccounts/app/token", new JsonObject { ["spec"] = new JsonObject() });
        using var app = _server.Client((string)request["status"]!["token"]!);
        var question = JsonNode.Parse("""{"spec":{"resourceAttributes":{"verb":"list","resource":"secrets","namespace":"default"}}}""");
        var (code, review) = await _server.SendAsync("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", question, client: app);
        Assert.Equal((201, false), (code, (bool)review["status"]!["allowed"]!));
        Assert.Equal(403, (await _server.SendAsync("GET", "/api/v1/namespaces/default/secrets", client: app)).Code);
        Assert.Equal(422, (await _server.SendAsync(
            "POST", "/api/v1/namespaces/default/serviceaccounts/app/token", JsonNode.Parse("""{"spec":{"expirationSeconds":5}}"""))).Code);
    }
}
