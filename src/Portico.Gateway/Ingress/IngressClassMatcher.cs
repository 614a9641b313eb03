using Portico.Api.Objects;

namespace Portico.Gateway.Ingress;

/// <summary>Decides which Ingresses are this controller's.</summary>
internal static class IngressClassMatcher
{
    /// <summary>Predecessor of spec.ingressClassName, still honoured as upstream does.</summary>
    public const string LegacyAnnotation = "kubernetes.io/ingress.class";

    public static bool IsOurs(IngressObject ingress, IReadOnlyDictionary<string, IngressClass> classes, string controllerName)
    {
        if (ingress.Spec.IngressClassName is { Length: > 0 } name)
        {
            return classes.TryGetValue(name, out var named) && named.Spec.Controller == controllerName;
        }

        if (ingress.Metadata.Annotations.TryGetValue(LegacyAnnotation, out var legacy) && legacy.Length > 0)
        {
            return classes.TryGetValue(legacy, out var named) && named.Spec.Controller == controllerName;
        }

        return DefaultClass(classes) is { } chosen && chosen.Spec.Controller == controllerName;
    }

    // Of several default classes the newest counts, then the first by name: as upstream's admission plug-in.
    private static IngressClass? DefaultClass(IReadOnlyDictionary<string, IngressClass> classes)
    {
        IngressClass? best = null;
        foreach (var candidate in classes.Values)
        {
            if (candidate.Metadata.Annotations.GetValueOrDefault(IngressClass.DefaultAnnotation) == "true"
                && (best is null || IsBefore(candidate.Metadata, best.Metadata)))
            {
                best = candidate;
            }
        }

        return best;

        static bool IsBefore(ObjectMeta one, ObjectMeta other) =>
            one.CreationTimestamp is var mine && other.CreationTimestamp is var theirs && mine != theirs
                ? mine > theirs || theirs is null
                : string.CompareOrdinal(one.Name, other.Name) < 0;
    }
}
