using Microsoft.Extensions.Time.Testing;

namespace Portico.EndToEnd.Echo;

public sealed class DrainingTests
{
    [Fact]
    public async Task Stop_DuringTheDelay_AnswersAndSendsKeptAliveConnectionsAway()
    {
        var time = new FakeTimeProvider();
        await using var echo = await RunningEcho.StartAsync(RunningEcho.Options with { ShutdownDelay = TimeSpan.FromMilliseconds(1500) }, time);
        using var before = await echo.SendAsync(HttpMethod.Get, "/");
        await echo.AnnounceStopAsync();

        using var kept = await echo.SendAsync(HttpMethod.Get, "/");
        using var again = await echo.SendAsync(HttpMethod.Get, "/");
        using var http2 = await echo.SendAsync(HttpMethod.Get, "/", version: new(2, 0));

        Assert.NotEqual(true, before.Headers.ConnectionClose);
        Assert.True(kept.Headers.ConnectionClose);
        Assert.True(again.Headers.ConnectionClose);
        Assert.True(http2.IsSuccessStatusCode);
        Assert.False(echo.Ended.IsCompleted);
        await EndAsync(echo, time);
    }

    [Fact]
    public async Task Stop_DuringTheDelay_Http2ClientsMoveToANewConnection()
    {
        var time = new FakeTimeProvider();
        await using var echo = await RunningEcho.StartAsync(RunningEcho.Options with { ShutdownDelay = TimeSpan.FromMilliseconds(1500) }, time);
        var first = await ConnectionAsync(echo);
        Assert.Equal(first, await ConnectionAsync(echo));
        await echo.AnnounceStopAsync();

        // The client may send a few more before it has seen the GOAWAY, and they are answered.
        var moved = false;
        for (var i = 0; i < 1000 && !moved; i++)
        {
            moved = await ConnectionAsync(echo) != first;
        }

        Assert.True(moved, "after 1000 requests the client still used the connection that it had before the stop");
        await EndAsync(echo, time);
    }

    [Fact]
    public async Task Stop_RequestInProgress_IsAnsweredInFull()
    {
        await using var echo = await RunningEcho.StartAsync();
        var goOn = new TaskCompletionSource();
        using var content = OpenContent.TwoParts(goOn.Task);
        using var response = await echo.SendAsync(HttpMethod.Post, "/echo-body", content, new(2, 0));
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[3]);

        await echo.AnnounceStopAsync();
        goOn.SetResult();
        using var reader = new StreamReader(stream);

        Assert.Equal("two", await reader.ReadToEndAsync());
        await echo.Ended.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private static async Task<string> ConnectionAsync(RunningEcho echo) =>
        (string)(await echo.DescribeAsync(HttpMethod.Get, "/", version: new(2, 0)))["client"]!;

    // The delay's timer is made a moment after the stop was announced.
    private static async Task EndAsync(RunningEcho echo, FakeTimeProvider time)
    {
        for (var i = 0; i < 200 && !echo.Ended.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(1500));
            await Task.WhenAny(echo.Ended, Task.Delay(50));
        }

        Assert.True(echo.Ended.IsCompleted, "the server did not end after its shutdown delay");
    }
}
