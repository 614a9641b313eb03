using Portico.Net.Nftables;
using Portico.Proxy.Nftables;

namespace Portico.Proxy.Tests.Nftables;

public sealed class SharedElementsTests
{
    private static readonly SetElement A = SetElement.Value("map", new([1]), new([1]));
    private static readonly SetElement B = SetElement.Value("map", new([1]), new([2]));

    [Fact]
    public void Move_LastOwnerGoes_ElementGoes()
    {
        var shared = new SharedElements();
        Assert.Equal("+1", Move(shared, [], [A]));
        Assert.Equal("", Move(shared, [], [A]));
        Assert.Equal("", Move(shared, [A], []));
        Assert.Equal("-1", Move(shared, [A], []));
        Assert.Empty(shared.All);
    }

    [Fact]
    public void Move_DifferentDataForOneKey_NoElementUntilOneIsLeft()
    {
        var shared = new SharedElements();
        shared.Add([A, A]);
        Assert.Equal("-1", Move(shared, [], [B]));
        Assert.Empty(shared.All);
        Assert.Equal("", Move(shared, [A], []));
        Assert.Equal("+2", Move(shared, [A], []));
        Assert.Equal("-2+1", Move(shared, [B], [A]));
    }

    private static string Move(SharedElements shared, SetElement[] from, SetElement[] to)
    {
        var (delete, add) = (new List<SetElement>(), new List<SetElement>());
        shared.Move(from, to, delete, add);
        return string.Concat([.. delete.Select(element => "-" + element.Data.Span[0]), .. add.Select(element => "+" + element.Data.Span[0])]);
    }
}
