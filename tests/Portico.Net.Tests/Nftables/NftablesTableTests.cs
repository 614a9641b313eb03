using Portico.Net.Namespaces;
using Portico.Net.Netlink;
using Portico.Net.Nftables;
using Portico.Net.Processes;

namespace Portico.Net.Tests.Nftables;

[Trait("Category", "Root")]
public sealed class NftablesTableTests : IDisposable
{
    private const string Script = """
        add table ip portico-test
        add set ip portico-test addresses { type ipv4_addr ; }
        add set ip portico-test ranges { type inet_service . ipv4_addr ; flags interval ; }
        add map ip portico-test ports { type ipv4_addr : inet_service ; }
        add map ip portico-test verdicts { type ipv4_addr : verdict ; }
        add chain ip portico-test target
        """;

    private static readonly ElementBytes Address = new([192, 0, 2, 1]);
    private readonly NetworkNamespace? _inside = Privileges.IsRoot ? NetworkNamespace.Create($"pt-proxy-{Guid.NewGuid().ToString("N")[..8]}") : null;

    [Fact]
    public async Task Apply_EveryKindOfElement_ReadBackAndListedByNft()
    {
        using var table = await OpenAsync();
        SetElement[] elements =
        [
            SetElement.Member("addresses", Address),
            SetElement.Range("ranges", new([0, 80, 0, 0, 10, 0, 0, 0]), new([0, 80, 0, 0, 10, 255, 255, 255])),
            SetElement.Value("ports", Address, new([0, 80])),
            SetElement.Verdict("verdicts", Address, "target"),
        ];
        table.Apply([], elements);

        Assert.Equal(elements, elements.SelectMany(element => table.Read(element.Set)!));
        var listing = await NftAsync("list", "table", "ip", "portico-test");
        Assert.Contains("80 . 10.0.0.0/8", listing, StringComparison.Ordinal);
        Assert.Contains("192.0.2.1 : goto target", listing, StringComparison.Ordinal);
        Assert.Contains("192.0.2.1 : 80", listing, StringComparison.Ordinal);

        table.Apply(elements, []);
        Assert.All(elements, element => Assert.Empty(table.Read(element.Set)!));
    }

    [Fact]
    public async Task Apply_DeleteAndAddOfOneKey_IsAReplacement()
    {
        using var table = await OpenAsync();
        var (before, after) = (SetElement.Value("ports", Address, new([0, 80])), SetElement.Value("ports", Address, new([0, 81])));
        table.Apply([], [before]);
        table.Apply([before], [after]);
        Assert.Equal([after], table.Read("ports")!);
    }

    [Fact]
    public async Task Apply_MoreElementsThanNotificationsFit_AllThereAndNoForeignChange()
    {
        using var table = await OpenAsync();
        SetElement[] elements = [.. Enumerable.Range(0, 60_000).Select(static i => SetElement.Member("addresses", new([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i])))];

        table.Apply([], elements);

        Assert.Equal(elements.Length, table.Read("addresses")!.Count);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var waiting = table.WaitForForeignChangeAsync(limit.Token);
        Assert.False(waiting.IsCompleted);
        await NftAsync("add", "element", "ip", "portico-test", "addresses", "{ 192.0.2.1 }");
        await waiting;
    }

    [Fact]
    public async Task RunScript_WhileSomebodyWaitsForForeignChanges_IsNone()
    {
        using var table = await OpenAsync(new ImpatientTime());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var waiting = table.WaitForForeignChangeAsync(limit.Token);
        for (var i = 0; i < 20; i++)
        {
            await table.RunScriptAsync($"add element ip portico-test addresses {{ 198.51.100.{i} }}", limit.Token);
        }

        Assert.False(waiting.IsCompleted);
        await NftAsync("add", "element", "ip", "portico-test", "addresses", "{ 192.0.2.1 }");
        await waiting;
    }

    [Fact]
    public async Task Apply_OneElementIsRefused_NothingIsDone()
    {
        using var table = await OpenAsync();
        var refused = Assert.Throws<NetlinkException>(() => table.Apply(
            [SetElement.Member("addresses", Address)], [SetElement.Value("ports", Address, new([0, 80]))]));
        Assert.Equal(NetlinkException.NoEntry, refused.Errno);
        Assert.Contains("portico-test", refused.Message, StringComparison.Ordinal);
        Assert.Empty(table.Read("ports")!);
    }

    [Fact]
    public async Task Apply_ManyElements_AllThereAndNoneForeign()
    {
        using var table = await OpenAsync();
        var elements = Enumerable.Range(0, 30_000).Select(number => SetElement.Member("addresses", new([10, 0, (byte)(number >> 8), (byte)number]))).ToList();
        table.Apply([], elements);
        Assert.Equal(elements.Count, table.Read("addresses")!.Count);
    }

    [Fact]
    public async Task Write_NewAndKnownChain_RulesAreThoseAndTheTableIsOurs()
    {
        using var table = await OpenAsync();
        await NftAsync("add", "map", "ip", "portico-test", "seen", "{ type ipv4_addr : inet_service ; flags dynamic,timeout ; timeout 1h ; }");
        var remember = new Rule("who came").LoadPayload(Rule.NetworkHeader, 12, 4, 0).LoadPayload(Rule.TransportHeader, 2, 2, 1)
            .Delete("seen", 0, 1).Update("seen", 0, 1, TimeSpan.FromSeconds(5));
        table.Write([new("target", [new Rule("").GoTo("another")]), new("another", [])]);
        table.Write([new("another", [remember, new Rule("first").LoadProtocol(0), new Rule("second").LoadOriginal(ConntrackKey.DestinationIPv4, 3)]), new("target", [])]);

        var listing = await NftAsync("list", "table", "ip", "portico-test");
        Assert.Contains("delete @seen { ip saddr : th dport } update @seen { ip saddr timeout 5s : th dport } comment \"who came\"", listing, StringComparison.Ordinal);
        Assert.True(listing.IndexOf("\"first\"", StringComparison.Ordinal) < listing.IndexOf("\"second\"", StringComparison.Ordinal), listing);
        Assert.DoesNotContain("goto", listing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OneRuleIsRefused_NothingIsDone()
    {
        using var table = await OpenAsync();
        var refused = Assert.Throws<NetlinkException>(() => table.Write([new("new", []), new("target", [new Rule("").Lookup("nothing", 0, 1)])]));
        Assert.Contains("portico-test", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("chain new", await NftAsync("list", "table", "ip", "portico-test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_NoSuchSet_Null()
    {
        using var table = await OpenAsync();
        Assert.Null(table.Read("nothing"));
    }

    [Fact]
    public async Task ReadMoving_ElementsWithCounters_HasWhatTheyCounted()
    {
        using var table = await OpenAsync();
        await NftAsync("add", "set", "ip", "portico-test", "counted", "{ type ipv4_addr ; counter ; }");
        await NftAsync("add", "element", "ip", "portico-test", "counted", "{ 192.0.2.1 counter packets 7 bytes 420, 192.0.2.2 }");

        var counts = table.ReadMoving("counted")!.ToDictionary(element => element.Key, element => element.Packets);

        Assert.Equal(new() { [Address] = 7UL, [new([192, 0, 2, 2])] = 0UL }, counts);
        Assert.Null(table.ReadMoving("nothing"));
    }

    [Fact]
    public async Task Find_ManyElements_ThoseThatAreThere()
    {
        using var table = await OpenAsync();
        var asked = Enumerable.Range(0, 1000).Select(number => SetElement.Member("addresses", new([10, 0, (byte)(number >> 8), (byte)number]))).ToList();
        var present = asked.Where((_, index) => index % 3 == 0).ToList();
        table.Apply([], present);

        Assert.Equal(present, table.Find(asked));
        Assert.Empty(table.Find([SetElement.Member("nothing", Address)]));
        table.Apply(present, []);
        Assert.Empty(table.Find(asked));
    }

    [Fact]
    public async Task RunScript_Refused_SaysWhat()
    {
        using var table = await OpenAsync();
        var refused = await Assert.ThrowsAsync<IOException>(() => table.RunScriptAsync("add chain ip nowhere x", default));
        Assert.Contains("portico-test", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitForForeignChange_OwnChangesNot_OthersYes()
    {
        using var table = await OpenAsync();
        table.Apply([], [SetElement.Member("addresses", Address)]);
        await table.RunScriptAsync("add chain ip portico-test another", default);
        await NftAsync("add", "table", "ip", "somebody-else");
        using var stop = new CancellationTokenSource();
        var waiting = table.WaitForForeignChangeAsync(stop.Token);
        await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(TimeSpan.FromMilliseconds(500)));

        await NftAsync("flush", "set", "ip", "portico-test", "addresses");
        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public void Dispose() => _inside?.Delete();

    private async Task<NftablesTable> OpenAsync(TimeProvider? time = null)
    {
        Assert.SkipUnless(Privileges.IsRoot, "needs root: makes a network namespace");
        var table = new NftablesTable(NetlinkConstants.FamilyIPv4, "portico-test", _inside, time ?? TimeProvider.System);
        await table.RunScriptAsync(Script, default);
        return table;
    }

    private async Task<string> NftAsync(params string[] arguments) =>
        (await Command.RunAsync("nsenter", ["--net=" + _inside!.Path, "nft", .. arguments], null, default)).OrThrow("nft").Output;

    /// <summary>Every wait is a millisecond: what looks now and then looks all the time.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : dueTime, period);
    }
}
