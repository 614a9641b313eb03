using CsCheck;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;

namespace Portico.Client.Tests.Caches;

public sealed class ObjectIndexTests
{
    [Fact]
    public void Index_AnyChanges_IsWhatAScanFinds() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[-1, 3], Gen.Int[0, 3]).Array[0, 60].Sample(changes =>
        {
            var cache = new ObjectCache<Pod>();
            var index = new ObjectIndex<Pod>(cache, pod => pod.Spec.NodeName);
            var version = 0;
            foreach (var (name, node, kind) in changes)
            {
                if (kind == 0)
                {
                    cache.Remove(new("d", $"p{name}"));
                }
                else
                {
                    cache.Set(new()
                    {
                        Metadata = new() { Namespace = "d", Name = $"p{name}", ResourceVersion = $"{++version}" },
                        Spec = new() { NodeName = node < 0 ? null : $"n{node}" },
                    });
                }
            }

            var groups = cache.Items.Where(pod => pod.Spec.NodeName is not null).GroupBy(pod => pod.Spec.NodeName!).ToList();
            Assert.Equal(groups.Select(group => group.Key).Order(), index.Values.Order());
            foreach (var group in groups)
            {
                Assert.Equal(group.Select(pod => ObjectKey.Of(pod)).Order(ByName), index[group.Key].Select(pod => ObjectKey.Of(pod)).Order(ByName));
            }
        });

    private static readonly Comparer<ObjectKey> ByName = Comparer<ObjectKey>.Create((left, right) => string.CompareOrdinal(left.Name, right.Name));
}
