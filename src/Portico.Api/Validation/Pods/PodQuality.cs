namespace Portico.Api.Validation.Pods;

/// <summary>The quality of service class that follows from a pod's resources.</summary>
internal static class PodQuality
{
    public static string Of(Field spec)
    {
        var any = false;
        var guaranteed = true;
        foreach (var container in spec["initContainers"].Items.Concat(spec["containers"].Items))
        {
            foreach (var name in (ReadOnlySpan<string>)["cpu", "memory"])
            {
                var limit = Checks.Amount(container["resources"]["limits"][name]) ?? 0;
                // A request that is absent follows the limit.
                var request = Checks.Amount(container["resources"]["requests"][name]) ?? limit;
                any |= limit > 0 || request > 0;
                guaranteed &= limit > 0 && limit == request;
            }
        }

        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }
}
