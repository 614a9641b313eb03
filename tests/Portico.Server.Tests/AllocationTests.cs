using System.Text.Json.Nodes;

namespace Portico.Server.Tests;

public sealed class AllocationTests
{
    private const string Services = "/api/v1/namespaces/default/services";

    [Fact]
    public async Task ClusterIps_ManyAtOnceAndOverARestart_NeverTwoOwners()
    {
        var directory = Directory.CreateTempSubdirectory("pt-server-").FullName;
        try
        {
            var seen = new HashSet<string> { "10.96.0.1" };
            await using (var server = await StartAsync(directory))
            {
                var created = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => server.CreateAsync(Services, Service($"a{i}"))));
                Assert.All(created, service => Assert.True(seen.Add(Ip(service)), $"{Ip(service)} twice"));
                await server.SendAsync("DELETE", $"{Services}/a0");
                seen.Remove(Ip(created[0]));
            }

            await using (var server = await StartAsync(directory))
            {
                // A /26 has 62 addresses; 20 are taken.
                var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => server.SendAsync("POST", Services, Service($"b{i}"))));
                var made = answers.Where(answer => answer.Code == 201).ToList();
                Assert.All(made, answer => Assert.True(seen.Add(Ip(answer.Body)), $"{Ip(answer.Body)} twice"));
                Assert.DoesNotContain("10.96.0.10", seen);
                Assert.Equal(61, seen.Count);
                Assert.Contains("full", (string)answers.First(answer => answer.Code != 201).Body["message"]!, StringComparison.Ordinal);
                // .10 is only given to who asks for it.
                Assert.Equal(201, (await server.SendAsync("POST", Services, Service("dns", ip: "10.96.0.10"))).Code);
            }
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }

    [Fact]
    public async Task ClusterIp_Explicit_IsHonouredRefusedAndReleased()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal("10.96.0.77", Ip(await server.CreateAsync(Services, Service("a", ip: "10.96.0.77"))));
        var (taken, status) = await server.SendAsync("POST", Services, Service("b", ip: "10.96.0.77"));
        Assert.Equal((422, "Invalid"), (taken, (string)status["reason"]!));
        Assert.Contains("spec.clusterIPs: Invalid value: [\"10.96.0.77\"]: failed to allocate IP 10.96.0.77: provided IP is already allocated", (string)status["message"]!, StringComparison.Ordinal);
        Assert.Equal(422, (await server.SendAsync("POST", Services, Service("b", ip: "10.97.0.1"))).Code);
        Assert.Equal(201, (await server.SendAsync("POST", $"{Services}?dryRun=All", Service("c", ip: "10.96.0.78"))).Code);
        Assert.Equal(201, (await server.SendAsync("POST", Services, Service("c", ip: "10.96.0.78"))).Code);

        await server.SendAsync("DELETE", $"{Services}/a");
        Assert.Equal(201, (await server.SendAsync("POST", Services, Service("b", ip: "10.96.0.77"))).Code);
    }

    [Fact]
    public async Task ClusterIp_HeadlessExternalNameAndBack()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal("None", Ip(await server.CreateAsync(Services, Service("headless", ip: "None"))));
        var service = await server.CreateAsync(Services, Service("a", ip: "10.96.0.77"));
        Assert.Equal("""["IPv4"]""", service["spec"]!["ipFamilies"]!.ToJsonString());
        var outside = service.DeepClone();
        (outside["spec"]!["type"], outside["spec"]!["externalName"]) = ("ExternalName", "example.com");
        var (code, changed) = await server.SendAsync("PUT", $"{Services}/a", outside);
        Assert.True(code == 200, changed.ToJsonString());
        Assert.Null(changed["spec"]!["clusterIP"]);
        Assert.Equal(201, (await server.SendAsync("POST", Services, Service("b", ip: "10.96.0.77"))).Code);
    }

    [Fact]
    public async Task Update_WithoutAddressAndPorts_KeepsThem()
    {
        await using var server = await TestServer.StartAsync();
        var service = await server.CreateAsync(Services, Service("a", type: "NodePort"));
        var bare = Service("a", type: "NodePort");
        var (code, kept) = await server.SendAsync("PUT", $"{Services}/a", bare);
        Assert.True(code == 200, kept.ToJsonString());
        Assert.Equal((Ip(service), NodePort(service)), (Ip(kept), NodePort(kept)));
    }

    [Fact]
    public async Task NodePorts_ExplicitSharedReleased()
    {
        await using var server = await TestServer.StartAsync();
        var service = Service("a", type: "NodePort");
        service["spec"]!["ports"]![0]!["nodePort"] = 30080;
        await server.CreateAsync(Services, service);
        var other = Service("b", type: "NodePort");
        other["spec"]!["ports"]![0]!["nodePort"] = 30080;
        var (code, status) = await server.SendAsync("POST", Services, other);
        Assert.Equal((422, "spec.ports[0].nodePort"), (code, (string)status["details"]!["causes"]![0]!["field"]!));
        Assert.Contains("provided port is already allocated", (string)status["message"]!, StringComparison.Ordinal);

        var (_, cluster) = await server.SendAsync("PATCH", $"{Services}/a", JsonNode.Parse("""{"spec":{"type":"ClusterIP"}}"""), "application/merge-patch+json");
        Assert.Null(cluster["spec"]!["ports"]![0]!["nodePort"]);
        Assert.Equal(201, (await server.SendAsync("POST", Services, other)).Code);
    }

    [Fact]
    public async Task NodePorts_LoadBalancer_LocalPolicyAndNoAllocation()
    {
        await using var server = await TestServer.StartAsync();
        var local = Service("local", type: "LoadBalancer");
        local["spec"]!["externalTrafficPolicy"] = "Local";
        var made = await server.CreateAsync(Services, local);
        Assert.InRange((int)made["spec"]!["healthCheckNodePort"]!, 30000, 32767);
        Assert.InRange(NodePort(made)!.Value, 30000, 32767);
        Assert.NotEqual(NodePort(made), (int)made["spec"]!["healthCheckNodePort"]!);
        var without = Service("without", type: "LoadBalancer");
        without["spec"]!["allocateLoadBalancerNodePorts"] = false;
        Assert.Null(NodePort(await server.CreateAsync(Services, without)));
    }

    [Fact]
    public async Task NodePorts_Full_IsSaidAndNothingLeaks()
    {
        await using var server = await TestServer.StartAsync(options => options with { NodePortMin = 30000, NodePortMax = 30002 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => server.SendAsync("POST", Services, Service($"a{i}", type: "NodePort"))));
        var made = answers.Where(answer => answer.Code == 201).Select(answer => (string)answer.Body["metadata"]!["name"]!).ToList();
        Assert.Equal(3, made.Count);
        await server.SendAsync("DELETE", $"{Services}/{made[0]}");
        Assert.Equal(201, (await server.SendAsync("POST", Services, Service("again", type: "NodePort"))).Code);
    }

    private static Task<TestServer> StartAsync(string directory) => TestServer.StartAsync(options => options with { ServiceCidr = "10.96.0.0/26" }, directory);

    private static JsonObject Service(string name, string type = "ClusterIP", string? ip = null)
    {
        var spec = new JsonObject { ["type"] = type, ["ports"] = new JsonArray(new JsonObject { ["port"] = 80 }), ["selector"] = new JsonObject { ["app"] = "web" } };
        if (ip is not null)
        {
            spec["clusterIP"] = ip;
        }

        return new() { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec };
    }

    private static string Ip(JsonNode service) => (string)service["spec"]!["clusterIP"]!;

    private static int? NodePort(JsonNode service) => (int?)service["spec"]!["ports"]![0]!["nodePort"];
}
