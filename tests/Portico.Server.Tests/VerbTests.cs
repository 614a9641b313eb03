using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Portico.Server.Tests;

public sealed class VerbTests : IAsyncLifetime
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Create_UnknownFields_SurviveAndAreWarnedOf()
    {
        var body = ConfigMap("web");
        body["future"] = new JsonObject { ["field"] = 1.5 };

        using var request = new HttpRequestMessage(HttpMethod.Post, ConfigMaps) { Content = Json(body) };
        using var response = await _server.Admin.SendAsync(request);
        Assert.Contains("unknown field \\\"future\\\"", string.Join(' ', response.Headers.GetValues("Warning")), StringComparison.Ordinal);
        var (_, strict) = await _server.SendAsync("POST", $"{ConfigMaps}?fieldValidation=Strict", body);
        Assert.Contains("strict decoding error: unknown field \"future\"", (string)strict["message"]!, StringComparison.Ordinal);
        await _server.SendAsync("PATCH", $"{ConfigMaps}/web", new JsonObject { ["data"] = new JsonObject { ["b"] = "2" } }, "application/merge-patch+json");

        var (_, read) = await _server.SendAsync("GET", $"{ConfigMaps}/web");
        Assert.Equal(1.5, (double)read["future"]!["field"]!);
        Assert.Equal(("1", "2"), ((string)read["data"]!["a"]!, (string)read["data"]!["b"]!));
        Assert.Equal(("ConfigMap", "v1"), ((string)read["kind"]!, (string)read["apiVersion"]!));
        Assert.NotNull(read["metadata"]!["uid"]);
    }

    [Fact]
    public async Task Create_Twice_AlreadyExistsAsUpstreamWordsIt()
    {
        await _server.CreateAsync(ConfigMaps, ConfigMap("web"));
        var (code, status) = await _server.SendAsync("POST", ConfigMaps, ConfigMap("web"));
        Assert.Equal((409, "AlreadyExists", "configmaps \"web\" already exists"), (code, (string)status["reason"]!, (string)status["message"]!));
    }

    [Fact]
    public async Task Create_GenerateName_MakesDifferentNames()
    {
        var names = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            var body = new JsonObject { ["metadata"] = new JsonObject { ["generateName"] = "web-" } };
            names.Add((string)(await _server.CreateAsync(ConfigMaps, body))["metadata"]!["name"]!);
        }

        Assert.Equal(5, names.Count);
        Assert.All(names, name => Assert.Matches("^web-[a-z0-9]{5}$", name));
    }

    [Fact]
    public async Task Create_NamespaceMissingOrTerminating_IsRefused()
    {
        var (missing, status) = await _server.SendAsync("POST", "/api/v1/namespaces/nowhere/configmaps", ConfigMap("web"));
        Assert.Equal((404, "namespaces \"nowhere\" not found"), (missing, (string)status["message"]!));

        await _server.CreateAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "shop" } });
        var (_, marked) = await _server.SendAsync("DELETE", "/api/v1/namespaces/shop");
        Assert.Equal("Terminating", (string)marked["status"]!["phase"]!);
        var (forbidden, why) = await _server.SendAsync("POST", "/api/v1/namespaces/shop/configmaps", ConfigMap("web"));
        Assert.Equal((403, "NamespaceTerminating"), (forbidden, (string)why["details"]!["causes"]![0]!["reason"]!));

        marked["spec"] = new JsonObject();
        var (finalized, _) = await _server.SendAsync("PUT", "/api/v1/namespaces/shop/finalize", marked);
        Assert.Equal((200, 404), (finalized, (await _server.SendAsync("GET", "/api/v1/namespaces/shop")).Code));
        Assert.Equal(403, (await _server.SendAsync("DELETE", "/api/v1/namespaces/default")).Code);
    }

    [Fact]
    public async Task Create_DryRun_StoresNothing()
    {
        var (code, dry) = await _server.SendAsync("POST", $"{ConfigMaps}?dryRun=All", ConfigMap("web"));
        Assert.Equal((201, "web"), (code, (string)dry["metadata"]!["name"]!));
        Assert.Equal(404, (await _server.SendAsync("GET", $"{ConfigMaps}/web")).Code);
    }

    [Fact]
    public async Task Create_Yaml_IsRead()
    {
        using var content = new StringContent("metadata:\n  name: web\ndata:\n  a: \"1\"\n", Encoding.UTF8, "application/yaml");
        using var response = await _server.Admin.PostAsync(ConfigMaps, content);
        Assert.Equal(201, (int)response.StatusCode);
    }

    [Fact]
    public async Task Update_OldVersion_Conflicts_AndUnchangedIsNoWrite()
    {
        var first = await _server.CreateAsync(ConfigMaps, ConfigMap("web"));
        var (_, same) = await _server.SendAsync("PUT", $"{ConfigMaps}/web", first);
        Assert.Equal((string)first["metadata"]!["resourceVersion"]!, (string)same["metadata"]!["resourceVersion"]!);

        var second = first.DeepClone();
        second["data"]!["a"] = "2";
        var (updated, changed) = await _server.SendAsync("PUT", $"{ConfigMaps}/web", second);
        Assert.Equal((200, (string)first["metadata"]!["uid"]!), (updated, (string)changed["metadata"]!["uid"]!));
        var (conflict, status) = await _server.SendAsync("PUT", $"{ConfigMaps}/web", second);
        Assert.Equal((409, "Conflict"), (conflict, (string)status["reason"]!));
        Assert.Contains("the object has been modified; please apply your changes to the latest version and try again", (string)status["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patch_AllTypes_AndApplyIsRefusedClearly()
    {
        await _server.CreateAsync(ConfigMaps, ConfigMap("web"));
        var path = $"{ConfigMaps}/web";
        await _server.SendAsync("PATCH", path, JsonNode.Parse("""[{"op":"add","path":"/data/b","value":"2"}]"""), "application/json-patch+json");
        await _server.SendAsync("PATCH", path, JsonNode.Parse("""{"data":{"a":null,"c":"3"}}"""), "application/merge-patch+json");
        var (_, patched) = await _server.SendAsync("PATCH", path, JsonNode.Parse("""{"data":{"d":"4"}}"""), "application/strategic-merge-patch+json");
        Assert.Equal("""{"b":"2","c":"3","d":"4"}""", patched["data"]!.ToJsonString());

        Assert.Equal(415, (await _server.SendAsync("PATCH", path, new JsonObject(), "application/apply-patch+yaml")).Code);
        Assert.Equal(409, (await _server.SendAsync(
            "PATCH", path, JsonNode.Parse("""{"metadata":{"resourceVersion":"1"}}"""), "application/merge-patch+json")).Code);
    }

    [Fact]
    public async Task Patch_ManyAtOnce_NoneIsLost()
    {
        await _server.CreateAsync(ConfigMaps, ConfigMap("web"));
        var codes = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i => (await _server.SendAsync(
            "PATCH", $"{ConfigMaps}/web", new JsonObject { ["data"] = new JsonObject { [$"k{i}"] = "x" } }, "application/merge-patch+json")).Code));
        Assert.All(codes, code => Assert.Equal(200, code));
        Assert.Equal(5, (await _server.SendAsync("GET", $"{ConfigMaps}/web")).Body["data"]!.AsObject().Count);
    }

    [Fact]
    public async Task Delete_Finalizers_HoldTheObject()
    {
        var body = ConfigMap("web");
        body["metadata"]!["finalizers"] = new JsonArray("example.com/hold");
        var created = await _server.CreateAsync(ConfigMaps, body);
        var stale = JsonNode.Parse("""{"preconditions":{"uid":"another"}}""");
        Assert.Equal(409, (await _server.SendAsync("DELETE", $"{ConfigMaps}/web", stale)).Code);

        var (_, marked) = await _server.SendAsync("DELETE", $"{ConfigMaps}/web");
        Assert.NotNull(marked["metadata"]!["deletionTimestamp"]);
        await _server.SendAsync("PATCH", $"{ConfigMaps}/web", JsonNode.Parse("""{"metadata":{"finalizers":null}}"""), "application/merge-patch+json");
        Assert.Equal(404, (await _server.SendAsync("GET", $"{ConfigMaps}/web")).Code);
        Assert.NotNull(created["metadata"]!["uid"]);
    }

    [Fact]
    public async Task Delete_ScheduledPod_WaitsForItsNode()
    {
        const string pods = "/api/v1/namespaces/default/pods";
        await _server.CreateAsync(pods, Pod("free"));
        await _server.SendAsync("DELETE", $"{pods}/free");
        Assert.Equal(404, (await _server.SendAsync("GET", $"{pods}/free")).Code);

        await _server.CreateAsync(pods, Pod("web"));
        var binding = JsonNode.Parse("""{"apiVersion":"v1","kind":"Binding","metadata":{"name":"web"},"target":{"kind":"Node","name":"node1"}}""");
        Assert.Equal(201, (await _server.SendAsync("POST", $"{pods}/web/binding", binding)).Code);
        Assert.Equal(409, (await _server.SendAsync("POST", $"{pods}/web/binding", binding)).Code);
        var (_, bound) = await _server.SendAsync("GET", $"{pods}/web");
        Assert.Equal(("node1", "default", "PodScheduled"), (
            (string)bound["spec"]!["nodeName"]!, (string)bound["spec"]!["serviceAccountName"]!, (string)bound["status"]!["conditions"]![0]!["type"]!));

        var eviction = JsonNode.Parse("""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"web"}}""");
        Assert.Equal(201, (await _server.SendAsync("POST", $"{pods}/web/eviction", eviction)).Code);
        var (_, ending) = await _server.SendAsync("GET", $"{pods}/web");
        Assert.NotNull(ending["metadata"]!["deletionTimestamp"]);
        Assert.Equal(200, (await _server.SendAsync("DELETE", $"{pods}/web", JsonNode.Parse("""{"gracePeriodSeconds":0}"""))).Code);
        Assert.Equal(404, (await _server.SendAsync("GET", $"{pods}/web")).Code);
    }

    [Fact]
    public async Task DeleteCollection_TakesWhatTheSelectorMeans()
    {
        await _server.CreateAsync(ConfigMaps, ConfigMap("a", "front"));
        await _server.CreateAsync(ConfigMaps, ConfigMap("b", "back"));
        Assert.Equal(200, (await _server.SendAsync("DELETE", $"{ConfigMaps}?labelSelector=tier%3Dfront")).Code);
        Assert.Equal(["b"], Names((await _server.SendAsync("GET", ConfigMaps)).Body));
    }

    [Fact]
    public async Task List_PagesAreOneMomentInTime_UntilItIsForgotten()
    {
        for (var i = 0; i < 5; i++)
        {
            await _server.CreateAsync(ConfigMaps, ConfigMap($"n{i}"));
        }

        var (_, first) = await _server.SendAsync("GET", $"{ConfigMaps}?limit=2");
        Assert.Equal(3, (int)first["metadata"]!["remainingItemCount"]!);
        await _server.SendAsync("DELETE", $"{ConfigMaps}/n3");
        await _server.CreateAsync(ConfigMaps, ConfigMap("n33"));
        var token = (string)first["metadata"]!["continue"]!;
        var (_, second) = await _server.SendAsync("GET", $"{ConfigMaps}?limit=9&continue={token}");
        Assert.Equal(["n0", "n1", "n2", "n3", "n4"], [.. Names(first), .. Names(second)]);
        Assert.Equal((string)first["metadata"]!["resourceVersion"]!, (string)second["metadata"]!["resourceVersion"]!);

        Assert.Equal(400, (await _server.SendAsync("GET", $"{ConfigMaps}?continue=nonsense")).Code);
        await _server.Server.DisposeAsync();
        await using var again = await TestServer.StartAsync(null, _server.Directory);
        var (code, status) = await again.SendAsync("GET", $"{ConfigMaps}?limit=9&continue={token}");
        Assert.Equal((410, "Expired"), (code, (string)status["reason"]!));
        Assert.Equal(["n0", "n1", "n2", "n33", "n4"], Names((await again.SendAsync("GET", ConfigMaps)).Body));
    }

    [Theory]
    [InlineData("spec.nodeName=node1", "a")]
    [InlineData("spec.nodeName!=node1", "b")]
    [InlineData("metadata.name=b", "b")]
    [InlineData("status.phase=Pending,metadata.namespace=default", "a,b")]
    [InlineData("status.phase=Running", "")]
    public async Task List_FieldSelector(string selector, string expected)
    {
        var placed = Pod("a");
        placed["spec"]!["nodeName"] = "node1";
        await _server.CreateAsync("/api/v1/namespaces/default/pods", placed);
        await _server.CreateAsync("/api/v1/namespaces/default/pods", Pod("b"));
        var (_, list) = await _server.SendAsync("GET", $"/api/v1/pods?fieldSelector={Uri.EscapeDataString(selector)}");
        Assert.Equal(expected, string.Join(',', Names(list)));
    }

    [Fact]
    public async Task List_UnsupportedField_Is400()
    {
        var (code, status) = await _server.SendAsync("GET", "/api/v1/pods?fieldSelector=spec.hostname%3Dx");
        Assert.Equal((400, "field label not supported: spec.hostname"), (code, (string)status["message"]!));
    }

    [Fact]
    public async Task Subresources_StatusAndScale_TouchOnlyTheirPart()
    {
        const string path = "/apis/apps/v1/namespaces/default/deployments";
        var created = await _server.CreateAsync(path, Deployment("web"));
        Assert.Null(created["status"]?["replicas"]);
        var (_, status) = await _server.SendAsync(
            "PATCH", $"{path}/web/status", JsonNode.Parse("""{"spec":{"replicas":9},"status":{"replicas":3}}"""), "application/merge-patch+json");
        Assert.Equal((2, 3, 1), ((int)status["spec"]!["replicas"]!, (int)status["status"]!["replicas"]!, (int)status["metadata"]!["generation"]!));

        var (_, scale) = await _server.SendAsync("GET", $"{path}/web/scale");
        Assert.Equal(("Scale", 2, 3, "app=web"), (
            (string)scale["kind"]!, (int)scale["spec"]!["replicas"]!, (int)scale["status"]!["replicas"]!, (string)scale["status"]!["selector"]!));
        scale["spec"]!["replicas"] = 7;
        Assert.Equal(200, (await _server.SendAsync("PUT", $"{path}/web/scale", scale)).Code);
        var (_, scaled) = await _server.SendAsync("GET", $"{path}/web");
        Assert.Equal((7, 3, 2), ((int)scaled["spec"]!["replicas"]!, (int)scaled["status"]!["replicas"]!, (int)scaled["metadata"]!["generation"]!));
    }

    [Fact]
    public async Task Forms_TableMetadataAndNeither()
    {
        await _server.CreateAsync(ConfigMaps, ConfigMap("web"));
        var (_, table) = await _server.SendAsync("GET", ConfigMaps, accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
        Assert.Equal("Table", (string)table["kind"]!);
        // The last one is the age, in the seconds that this took.
        Assert.Matches("""^\["web",1,"[0-9]+s"\]$""", table["rows"]![0]!["cells"]!.ToJsonString());
        Assert.Equal("PartialObjectMetadata", (string)table["rows"]![0]!["object"]!["kind"]!);
        var (_, partial) = await _server.SendAsync("GET", ConfigMaps, accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
        Assert.Equal(("PartialObjectMetadataList", false), ((string)partial["kind"]!, partial["items"]![0]!.AsObject().ContainsKey("data")));
        Assert.Equal(406, (await _server.SendAsync("GET", ConfigMaps, accept: "application/vnd.kubernetes.protobuf")).Code);
        Assert.Equal(200, (await _server.SendAsync("GET", ConfigMaps, accept: "application/vnd.kubernetes.protobuf,application/json")).Code);
        Assert.Equal(415, (await _server.SendAsync("POST", ConfigMaps, ConfigMap("x"), "text/html")).Code);
    }

    [Fact]
    public async Task Body_TooLargeOrBroken_IsRefusedWithAStatus()
    {
        var large = ConfigMap("large");
        large["data"]!["a"] = new string('x', 4 * 1024 * 1024);
        Assert.Equal(413, (await _server.SendAsync("POST", ConfigMaps, large)).Code);
        using var broken = new StringContent("{\"metadata\":", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await _server.Admin.PostAsync(ConfigMaps, broken);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(400, (await _server.SendAsync("POST", ConfigMaps, JsonNode.Parse("""{"kind":"Secret","apiVersion":"v1","metadata":{"name":"x"}}"""))).Code);
        Assert.Equal(400, (await _server.SendAsync("POST", ConfigMaps, JsonNode.Parse("""{"metadata":{"name":"x","namespace":"kube-system"}}"""))).Code);
    }

    [Fact]
    public async Task Ingress_WithoutClass_GetsTheDefaultOne()
    {
        const string path = "/apis/networking.k8s.io/v1";
        await _server.CreateAsync($"{path}/ingressclasses", JsonNode.Parse(
            """{"metadata":{"name":"portico","annotations":{"ingressclass.kubernetes.io/is-default-class":"true"}},"spec":{"controller":"portico.dev/gateway"}}""")!);
        var ingress = JsonNode.Parse("""{"metadata":{"name":"web"},"spec":{"defaultBackend":{"service":{"name":"web","port":{"number":80}}}}}""")!;
        Assert.Equal("portico", (string)(await _server.CreateAsync($"{path}/namespaces/default/ingresses", ingress))["spec"]!["ingressClassName"]!);
    }

    [Fact]
    public async Task SystemObjects_AreThere()
    {
        var (_, service) = await _server.SendAsync("GET", "/api/v1/namespaces/default/services/kubernetes");
        Assert.Equal("10.96.0.1", (string)service["spec"]!["clusterIP"]!);
        var (_, slice) = await _server.SendAsync("GET", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes");
        Assert.Equal("192.168.77.1", (string)slice["endpoints"]![0]!["addresses"]![0]!);
        Assert.Equal(
            ["default", "kube-node-lease", "kube-public", "kube-system", "portico-system"], Names((await _server.SendAsync("GET", "/api/v1/namespaces")).Body));
    }

    internal static JsonObject ConfigMap(string name, string tier = "none") => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["tier"] = tier } },
        ["data"] = new JsonObject { ["a"] = "1" },
    };

    internal static JsonObject Pod(string name) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "portico.dev/echo:1" }) },
    };

    internal static JsonObject Deployment(string name) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["replicas"] = 2,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name } },
                ["spec"] = Pod("x")["spec"]!.DeepClone(),
            },
        },
    };

    internal static IEnumerable<string> Names(JsonNode list) => list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!);

    private static StringContent Json(JsonNode body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");
}
