using Portico.Api.Objects;
using Portico.Controllers.GarbageCollection;

namespace Portico.Controllers.Tests.GarbageCollection;

public sealed class CollectionTests
{
    [Theory]
    // states of the owners, finalizer of the object, whether it has dependents → what becomes of it
    [InlineData("Solid", "", false, "keep")]
    [InlineData("Dangling", "", false, "delete Background")]
    [InlineData("Dangling,Dangling", "", true, "delete Background")]
    [InlineData("Dangling", "orphan", false, "delete Orphan")]
    [InlineData("Dangling", "foregroundDeletion", false, "delete Foreground")]
    [InlineData("Solid,Dangling", "", false, "unlink 1")]
    [InlineData("Waiting,Solid,Dangling", "", false, "unlink 0 2")]
    [InlineData("Waiting", "", true, "delete Foreground")]
    [InlineData("Waiting", "", false, "delete Background")]
    [InlineData("Waiting,Dangling", "", true, "delete Foreground")]
    public void Compute_States_AsUpstream(string states, string finalizer, bool hasDependents, string expected)
    {
        var owners = states.Split(',').Select((state, i) => (new OwnerReference { Uid = $"{i}" }, Enum.Parse<OwnerState>(state))).ToList();
        var meta = new ObjectMeta { Finalizers = finalizer.Length > 0 ? [finalizer] : [] };
        var actual = Collection.Compute(meta, owners, hasDependents) switch
        {
            Collection.Unlink unlink => $"unlink {string.Join(' ', unlink.Uids)}",
            Collection.Delete delete => $"delete {delete.PropagationPolicy}",
            _ => "keep",
        };
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Compute_AlreadyBeingDeleted_IsLeft() => Assert.IsType<Collection.Keep>(
        Collection.Compute(new() { DeletionTimestamp = DateTimeOffset.UnixEpoch }, [(new(), OwnerState.Dangling)], hasDependents: false));
}
