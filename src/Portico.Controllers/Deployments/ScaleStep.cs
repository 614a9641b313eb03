using Portico.Api.Objects;

namespace Portico.Controllers.Deployments;

/// <summary>One ReplicaSet gets another number of replicas.</summary>
internal readonly record struct ScaleStep(ReplicaSet Set, int Replicas)
{
    public int From => Rollout.ReplicasOf(Set);
}
