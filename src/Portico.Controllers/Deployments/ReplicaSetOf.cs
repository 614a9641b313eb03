using System.Globalization;
using Portico.Api.Objects;
using Portico.Controllers.Owners;

namespace Portico.Controllers.Deployments;

/// <summary>What a Deployment writes into its ReplicaSets.</summary>
internal static class ReplicaSetOf
{
    public const string DesiredAnnotation = "deployment.kubernetes.io/desired-replicas";
    public const string MaxAnnotation = "deployment.kubernetes.io/max-replicas";

    // Of the Deployment's own, or of the tool that applied it.
    private static readonly HashSet<string> NotCopied =
    [
        "kubectl.kubernetes.io/last-applied-configuration", Rollout.RevisionAnnotation, "deployment.kubernetes.io/revision-history",
        DesiredAnnotation, MaxAnnotation, "deprecated.deployment.rollback.to",
    ];

    /// <summary>The set for the present template, which does not exist yet.</summary>
    public static ReplicaSet Create(Rollout rollout)
    {
        var deployment = rollout.Deployment;
        var hash = PodTemplate.Hash(deployment.Spec.Template, deployment.Status.CollisionCount);
        var template = PodTemplate.WithLabel(deployment.Spec.Template, PodTemplate.HashLabel, hash);
        var selector = deployment.Spec.Selector;
        return new()
        {
            Metadata = new()
            {
                Name = $"{deployment.Metadata.Name}-{hash}",
                Namespace = deployment.Metadata.Namespace,
                Labels = PodTemplate.Labels(template),
                Annotations = Annotations(rollout),
                OwnerReferences = [Ownership.ControllerOf(deployment)],
            },
            Spec = new()
            {
                Replicas = RollingUpdate.NewReplicas(rollout),
                MinReadySeconds = deployment.Spec.MinReadySeconds,
                Selector = selector with { MatchLabels = new Dictionary<string, string>(selector.MatchLabels) { [PodTemplate.HashLabel] = hash } },
                Template = template,
            },
        };
    }

    /// <summary>The annotations that the set of the present template should have.</summary>
    public static Dictionary<string, string> Annotations(Rollout rollout)
    {
        var annotations = new Dictionary<string, string>(rollout.New?.Metadata.Annotations ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (var (name, value) in rollout.Deployment.Metadata.Annotations)
        {
            if (!NotCopied.Contains(name))
            {
                annotations[name] = value;
            }
        }

        var limits = RolloutLimits.Of(rollout.Deployment.Spec);
        annotations[Rollout.RevisionAnnotation] = rollout.Revision().ToString(CultureInfo.InvariantCulture);
        annotations[DesiredAnnotation] = limits.Replicas.ToString(CultureInfo.InvariantCulture);
        annotations[MaxAnnotation] = limits.MaxTotal.ToString(CultureInfo.InvariantCulture);
        if (rollout.New is { } set && Rollout.RevisionOf(set) is > 0 and var former && former < rollout.Revision())
        {
            var history = set.Metadata.Annotations.GetValueOrDefault("deployment.kubernetes.io/revision-history");
            annotations["deployment.kubernetes.io/revision-history"] = string.IsNullOrEmpty(history) ? $"{former}" : $"{history},{former}";
        }

        return annotations;
    }

    /// <summary>Old sets beyond the history limit that nothing runs from any more, oldest revision first.</summary>
    public static IReadOnlyList<ReplicaSet> Surplus(Rollout rollout)
    {
        var limit = rollout.Deployment.Spec.RevisionHistoryLimit ?? 10;
        var idle = rollout.Old.Where(set => set.Metadata.DeletionTimestamp is null).OrderBy(Rollout.RevisionOf).ToList();
        return
        [
            .. idle.Take(Math.Max(0, idle.Count - limit)).Where(set => Rollout.ReplicasOf(set) == 0 && set.Status.Replicas == 0 && Rollout.IsObserved(set)),
        ];
    }
}
