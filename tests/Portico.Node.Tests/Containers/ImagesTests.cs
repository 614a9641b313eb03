using Portico.Api.Objects;
using Portico.Node.Containers;

namespace Portico.Node.Tests.Containers;

public sealed class ImagesTests
{
    private static readonly string[] BuiltIns = ["echo", "gateway"];

    [Theory]
    [InlineData("portico.dev/echo:1", "/bin/portico echo --x")]
    [InlineData("host", "--x")]
    public void CommandLine_Image_RunsItsEntryPointWithArgs(string image, string expected)
    {
        Assert.True(Images.TryEntryPoint(image, "/bin/portico", BuiltIns, out var entryPoint, out _));
        Assert.Equal(expected, string.Join(' ', Images.CommandLine(new() { Args = ["--x"] }, entryPoint, new Dictionary<string, string>())));
    }

    [Fact]
    public void CommandLine_Command_ReplacesTheEntryPointAndIsExpanded() =>
        Assert.Equal(
            ["sh", "-c", "echo 1"],
            Images.CommandLine(new Container { Command = ["sh", "-c"], Args = ["echo $(A)"] }, ["/bin/portico", "echo"], new Dictionary<string, string> { ["A"] = "1" }));

    [Theory]
    [InlineData("nginx")]
    [InlineData("portico.dev/echo:2")]
    [InlineData("portico.dev/shell:1")]
    public void TryEntryPoint_OtherImage_SaysWhichThereAre(string image)
    {
        Assert.False(Images.TryEntryPoint(image, "/bin/portico", BuiltIns, out _, out var message));
        Assert.Contains("portico.dev/echo:1, portico.dev/gateway:1", message, StringComparison.Ordinal);
    }
}
