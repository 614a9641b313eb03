using Portico.Cli.Echo;

namespace Portico.EndToEnd.Echo;

public sealed class EchoOptionsTests
{
    [Fact]
    public void TryParse_BothSpellings()
    {
        var options = EchoOptions.TryParse(["--http-port", "81", "--tcp-port=82", "--shutdown-delay", "250ms", "--tcp-greeting"], out var error);

        Assert.Null(error);
        Assert.Equal((81, 82, 7777, true), (options!.HttpPort, options.TcpPort, options.UdpPort, options.TcpGreeting));
        Assert.Equal(TimeSpan.FromMilliseconds(250), options.ShutdownDelay);
    }

    [Theory]
    [InlineData("--http-port", "65536")]
    [InlineData("--port", "1")]
    [InlineData("--shutdown-delay", "-1s")]
    public void TryParse_Wrong_NamesTheOption(string name, string value)
    {
        Assert.Null(EchoOptions.TryParse([name, value], out var error));
        Assert.Contains($"{name} {value}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("200ms", 200)]
    [InlineData("1.5s", 1500)]
    [InlineData("2", 2000)]
    [InlineData("1m", 60_000)]
    public void Duration_Units(string text, int milliseconds)
    {
        Assert.True(EchoDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("1e9s")]
    [InlineData("999999m")]
    [InlineData("NaN")]
    public void Duration_Nonsense_IsRefused(string text) => Assert.False(EchoDuration.TryParse(text, out _));
}
