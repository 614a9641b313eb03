using Portico.Proxy.Nodes;

namespace Portico.Proxy.Tests.Nodes;

public sealed class ModeCheckTests
{
    [Theory]
    [InlineData("nftables v1.0.6 (Lester Gooch #5)", "1.0.6")]
    [InlineData("nftables v1.1 (x)", "1.1")]
    [InlineData("command not found", null)]
    public void VersionOf_Words_TheVersionOrNone(string words, string? version) => Assert.Equal(version, ModeCheck.VersionOf(words)?.ToString());
}
