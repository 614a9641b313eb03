using Portico.Api.Objects;

namespace Portico.Proxy.Health;

/// <summary>Whether balancers outside should send new connections to a node (KEP-3836).</summary>
internal static class NodeEligibility
{
    private const string ToBeDeleted = "ToBeDeletedByClusterAutoscaler";

    /// <param name="node">Null: not known, which is no reason to send elsewhere.</param>
    public static bool Of(Node? node) =>
        node is null || (node.Metadata.DeletionTimestamp is null && !node.Spec.Taints.Any(static taint => taint.Key == ToBeDeleted));
}
