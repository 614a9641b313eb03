using Portico.Proxy.Nodes;

namespace Portico.Proxy.Tests.Nodes;

public sealed class ConntrackSysctlsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pt-sysctl-").FullName;

    [Fact]
    public void Apply_Settings_WritesWhatDiffers()
    {
        Put("proc/sys/net/netfilter/nf_conntrack_max", "1000");
        Put("proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established", "432000");
        Put("proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close_wait", "60");
        Put("sys/module/nf_conntrack/parameters/hashsize", "256");

        var problems = new ConntrackSysctls(_root).Apply(new()
        {
            MaxPerCore = 1, Min = 131072, TcpEstablishedTimeout = TimeSpan.FromDays(1), TcpCloseWaitTimeout = TimeSpan.Zero,
        });

        Assert.Empty(problems);
        Assert.Equal("131072", Get("proc/sys/net/netfilter/nf_conntrack_max"));
        Assert.Equal("32768", Get("sys/module/nf_conntrack/parameters/hashsize"));
        Assert.Equal("86400", Get("proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established"));
        Assert.Equal("60", Get("proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close_wait"));
    }

    [Fact]
    public void Apply_NoLimitAsked_LeavesIt()
    {
        Put("proc/sys/net/netfilter/nf_conntrack_max", "1000");

        Assert.Empty(new ConntrackSysctls(_root).Apply(new() { MaxPerCore = 0, Min = 131072 }));
        Assert.Equal("1000", Get("proc/sys/net/netfilter/nf_conntrack_max"));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("0", false)]
    [InlineData("1", true)]
    public void IsLiberal_AsTheKernelHasIt(string? value, bool expected)
    {
        if (value is not null)
        {
            Put("proc/sys/net/netfilter/nf_conntrack_tcp_be_liberal", value);
        }

        Assert.Equal(expected, new ConntrackSysctls(_root).IsLiberal);
    }

    [Fact]
    public void Apply_CannotBeWritten_NamesTheFileAndGoesOn()
    {
        Put("proc/sys/net/netfilter/nf_conntrack_udp_timeout", "30");

        var problems = new ConntrackSysctls(_root + "/proc/sys/net/netfilter/nf_conntrack_udp_timeout").Apply(new() { TcpBeLiberal = true });

        Assert.Contains("nf_conntrack_tcp_be_liberal could not be set to 1", Assert.Single(problems), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Put(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_root, path))!);
        File.WriteAllText(Path.Combine(_root, path), text + "\n");
    }

    private string Get(string path) => File.ReadAllText(Path.Combine(_root, path)).Trim();
}
