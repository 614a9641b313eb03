using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Validation.Pods;

namespace Portico.Api.Validation;

/// <summary>
/// What a write may touch: an ordinary write leaves status alone, a status write leaves everything else alone, and generation
/// counts the changes of what is desired. All change the candidate in place, fill in its defaults, and run before
/// <see cref="ObjectRules.Validate"/>.
/// </summary>
public static class KindRules
{
    // As upstream's built-in kinds: a controller may leave its notes beside the status that it writes.
    private static readonly string[] CarriedByStatus = ["resourceVersion", "labels", "annotations"];

    /// <summary>Status is not for clients to create: the object starts with the one that Kubernetes starts it with. The first generation is 1.</summary>
    public static void PrepareForCreate(ResourceKind kind, JsonObject candidate)
    {
        ObjectRules.Default(kind, candidate);
        if (kind.HasStatus && !KeepsStatusOnCreate(kind))
        {
            candidate.Remove("status");
            if (Initial(kind, candidate) is { } status)
            {
                candidate["status"] = status;
            }
        }

        var metadata = Metadata(candidate);
        if (CountsGenerations(kind))
        {
            metadata["generation"] = 1;
        }
        else
        {
            metadata.Remove("generation");
        }
    }

    /// <summary>Takes status from the stored object, and raises generation when anything but metadata and status changed.</summary>
    public static void PrepareForUpdate(ResourceKind kind, JsonObject candidate, JsonObject old)
    {
        // First, so that a client that leaves defaults out changes nothing.
        ObjectRules.Default(kind, candidate);
        if (kind.HasStatus)
        {
            Copy("status", old, candidate);
        }

        if (kind is { Group: "", Kind: "Service" })
        {
            ServiceTransition.Apply(candidate, old);
        }

        var before = new Field(old, "")["metadata"]["generation"].Number ?? 0;
        var metadata = Metadata(candidate);
        if (!CountsGenerations(kind))
        {
            Copy("generation", Metadata(old), metadata);
        }
        else
        {
            metadata["generation"] = DesiredChanged(candidate, old) || DeletionBegan(metadata, Metadata(old)) ? before + 1 : Math.Max(before, 1);
        }
    }

    /// <summary>
    /// Takes everything but status from the stored object; of metadata only labels, annotations, and the resourceVersion that the caller
    /// compares stay the candidate's.
    /// </summary>
    public static void PrepareForStatusUpdate(ResourceKind kind, JsonObject candidate, JsonObject old)
    {
        var metadata = new Field(candidate, "")["metadata"];
        var carried = CarriedByStatus.Select(name => (name, metadata[name].Node?.DeepClone())).ToList();
        var status = candidate["status"]?.DeepClone();
        candidate.Clear();
        foreach (var (name, value) in old)
        {
            if (name != "status")
            {
                candidate[name] = value?.DeepClone();
            }
        }

        foreach (var (name, value) in carried)
        {
            if (value is not null)
            {
                Metadata(candidate)[name] = value;
            }
        }

        if (status is not null)
        {
            candidate["status"] = status;
        }

        ObjectRules.Default(kind, candidate);
    }

    private static JsonObject? Initial(ResourceKind kind, JsonObject candidate) => (kind.Group, kind.Kind) switch
    {
        ("", "Namespace") => new() { ["phase"] = "Active" },
        ("", "Pod") => new() { ["phase"] = "Pending", ["qosClass"] = PodQuality.Of(new Field(candidate["spec"], "spec")) },
        ("", "Service") or ("networking.k8s.io", "Ingress") => new() { ["loadBalancer"] = new JsonObject() },
        ("apps", "ReplicaSet") => new() { ["replicas"] = 0 },
        ("apps", "Deployment") => [],
        _ => null,
    };

    private static bool DesiredChanged(JsonObject candidate, JsonObject old)
    {
        foreach (var (name, value) in candidate)
        {
            if (IsDesired(name) && !JsonNode.DeepEquals(value, old[name]))
            {
                return true;
            }
        }

        foreach (var (name, value) in old)
        {
            if (IsDesired(name) && value is not null && !candidate.ContainsKey(name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsDesired(string name) => name is not ("metadata" or "status" or "apiVersion" or "kind");

    private static bool DeletionBegan(JsonObject metadata, JsonObject old) => old["deletionTimestamp"] is null && metadata["deletionTimestamp"] is not null;

    // Upstream's strategies; the other kinds have no generation.
    private static bool CountsGenerations(ResourceKind kind) => kind.Kind is
        "Pod" or "Deployment" or "ReplicaSet" or "Ingress" or "IngressClass" or "EndpointSlice";

    // The kubelet registers its Node with a status, as upstream allows.
    private static bool KeepsStatusOnCreate(ResourceKind kind) => kind is { Group: "", Kind: "Node" };

    private static JsonObject Metadata(JsonObject item)
    {
        if (item["metadata"] is JsonObject metadata)
        {
            return metadata;
        }

        metadata = [];
        item["metadata"] = metadata;
        return metadata;
    }

    private static void Copy(string name, JsonObject from, JsonObject to)
    {
        if (from[name] is { } value)
        {
            to[name] = value.DeepClone();
        }
        else
        {
            to.Remove(name);
        }
    }
}
