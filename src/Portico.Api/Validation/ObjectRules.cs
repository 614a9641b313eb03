using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Statuses;
using Portico.Api.Validation.Pods;

namespace Portico.Api.Validation;

/// <summary>Defaults and validation of every kind, as Kubernetes has them. Objects are raw JSON, so unknown fields survive.</summary>
public static class ObjectRules
{
    private static readonly Dictionary<(string Group, string Kind), IObjectRules> ByKind = new()
    {
        [("", "ConfigMap")] = new ConfigMapRules(),
        [("", "Endpoints")] = new EndpointsRules(),
        [("", "Event")] = new EventRules(),
        [("", "Namespace")] = new NamespaceRules(),
        [("", "Node")] = new NodeRules(),
        [("", "Pod")] = new PodRules(),
        [("", "Secret")] = new SecretRules(),
        [("", "Service")] = new ServiceRules(),
        [("", "ServiceAccount")] = new ServiceAccountRules(),
        [("apps", "Deployment")] = new DeploymentRules(),
        [("apps", "ReplicaSet")] = new ReplicaSetRules(),
        [("coordination.k8s.io", "Lease")] = new LeaseRules(),
        [("discovery.k8s.io", "EndpointSlice")] = new EndpointSliceRules(),
        [("networking.k8s.io", "Ingress")] = new IngressRules(),
        [("networking.k8s.io", "IngressClass")] = new IngressClassRules(),
    };

    /// <summary>Fills in, in place, what the API server fills in when a client leaves it out.</summary>
    public static void Default(ResourceKind kind, JsonObject item) => ByKind.GetValueOrDefault((kind.Group, kind.Kind))?.Default(item);

    /// <summary>What is wrong with an object after <see cref="Default"/>; empty when nothing is.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="candidate">The object as it would be stored.</param>
    /// <param name="old">The stored object on an update; null on create.</param>
    public static IReadOnlyList<StatusCause> Validate(ResourceKind kind, JsonObject candidate, JsonObject? old)
    {
        var problems = new Problems();
        var item = new Field(candidate, "");
        var before = new Field(old, "");
        MetadataRules.Validate(kind, item["metadata"], before["metadata"], problems);
        ByKind.GetValueOrDefault((kind.Group, kind.Kind))?.Validate(item, before, problems);
        return problems.Causes;
    }
}
