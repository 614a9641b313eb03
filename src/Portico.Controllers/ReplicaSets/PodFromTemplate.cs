using System.Text.Json.Nodes;
using Portico.Api.Objects;
using Portico.Controllers.Owners;

namespace Portico.Controllers.ReplicaSets;

/// <summary>A pod as the template says, with whatever fields the template has.</summary>
internal static class PodFromTemplate
{
    public static JsonObject Create(ReplicaSet set)
    {
        var template = (JsonObject)(JsonObject.Create(set.Spec.Template) ?? []).DeepClone();
        var pod = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod" };
        var meta = new JsonObject
        {
            ["generateName"] = set.Metadata.Name + "-",
            ["namespace"] = set.Metadata.Namespace,
            ["ownerReferences"] = new JsonArray(Ownership.ToJson(Ownership.ControllerOf(set))),
        };
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations", "finalizers"])
        {
            if (template["metadata"]?[field] is { } value)
            {
                meta[field] = value.DeepClone();
            }
        }

        pod["metadata"] = meta;
        pod["spec"] = template["spec"]?.DeepClone();
        return pod;
    }
}
