using Portico.Testing.Goldens;

namespace Portico.Api.Tests.Goldens;

public sealed class GoldenTests
{
    [Fact]
    public void Check_SameText_Passes() => Golden.Check("golden/example.txt", "one\r\ntwo\n");

    [Fact]
    public void Check_OtherText_NamesFileAndLine()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PORTICO_UPDATE_GOLDEN") == "1", "goldens are being rewritten");

        var error = Assert.Throws<InvalidOperationException>(() => Golden.Check("golden/example.txt", "one\n2\n"));

        Assert.Contains("example.txt differs at line 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("expected: two", error.Message, StringComparison.Ordinal);
        Assert.Contains("actual:   2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_MissingFile_SaysHowToMakeIt()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PORTICO_UPDATE_GOLDEN") == "1", "goldens are being rewritten");

        Assert.Contains("PORTICO_UPDATE_GOLDEN=1", Assert.Throws<InvalidOperationException>(() => Golden.Check("golden/none.txt", "")).Message, StringComparison.Ordinal);
    }
}
