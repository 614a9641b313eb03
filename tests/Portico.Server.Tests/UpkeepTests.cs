using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace Portico.Server.Tests;

public sealed class UpkeepTests
{
    [Fact]
    public async Task Time_RemovesOldEventsAndBringsSystemObjectsBack()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(options => options with { Time = time });
        const string events = "/api/v1/namespaces/default/events";
        await server.CreateAsync(events, Event("old", time.GetUtcNow()));
        time.Advance(TimeSpan.FromMinutes(30));
        await server.CreateAsync(events, Event("new", time.GetUtcNow()));
        await server.SendAsync("DELETE", "/api/v1/namespaces/default/services/kubernetes");
        await AdvanceUntilAsync(time, async () =>
            string.Join(',', VerbTests.Names((await server.SendAsync("GET", events)).Body)) == "new"
            && (await server.SendAsync("GET", "/api/v1/namespaces/default/services/kubernetes")).Code == 200);
        var (_, service) = await server.SendAsync("GET", "/api/v1/namespaces/default/services/kubernetes");
        Assert.Equal("10.96.0.1", (string)service["spec"]!["clusterIP"]!);
    }

    private static JsonObject Event(string name, DateTimeOffset time) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["involvedObject"] = new JsonObject { ["kind"] = "Pod", ["name"] = "web", ["namespace"] = "default" },
        ["lastTimestamp"] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
    };

    private static async Task AdvanceUntilAsync(FakeTimeProvider time, Func<Task<bool>> condition)
    {
        for (var i = 0; i < 80; i++)
        {
            time.Advance(TimeSpan.FromSeconds(31));
            if (await condition())
            {
                return;
            }
        }

        Assert.Fail("the upkeep did not do its work in 40 minutes");
    }
}
