using Portico.Api.Objects;
using Portico.Api.Selectors;

namespace Portico.Controllers.Owners;

/// <summary>Which objects an owner has, which it should take, and which it should let go.</summary>
/// <param name="Owned">Controlled by the owner and matched by its selector.</param>
/// <param name="Adopt">Matched, and nobody's.</param>
/// <param name="Release">Controlled by the owner, but no longer matched.</param>
internal sealed record Claims<T>(IReadOnlyList<T> Owned, IReadOnlyList<T> Adopt, IReadOnlyList<T> Release)
    where T : IObject
{
    public static Claims<T> Compute(IObject owner, LabelMatcher selector, IEnumerable<T> candidates)
    {
        List<T> owned = [], adopt = [], release = [];
        foreach (var item in candidates)
        {
            var matches = selector.Matches(item.Metadata.Labels);
            var controller = item.Metadata.ControllerOwner();
            if (controller is not null && controller.Uid == owner.Metadata.Uid)
            {
                if (matches || owner.Metadata.DeletionTimestamp is not null)
                {
                    owned.Add(item);
                }
                else if (item.Metadata.DeletionTimestamp is null)
                {
                    release.Add(item);
                }
            }
            else if (controller is null && matches && item.Metadata.DeletionTimestamp is null && owner.Metadata.DeletionTimestamp is null)
            {
                adopt.Add(item);
            }
        }

        return new(owned, adopt, release);
    }
}
