using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Addresses.Services;
using Portico.Api.Json;
using Portico.Api.Objects;
using Portico.Net.Packets;

namespace Portico.Addresses.Allocations;

/// <summary>What has to be written so that a Service says what the plan says. Null: it says so already.</summary>
internal static class AllocationPatch
{
    public const string ReasonAllocated = "IPAllocated";
    public const string ReasonFailed = "AllocationFailed";

    /// <summary>Merge patch of the Service.</summary>
    public static JsonObject? Finalizer(Service service)
    {
        var finalizers = service.Metadata.Finalizers;
        var wanted = service.WantsAddress && service.Address is not null;
        var mayRemove = !service.WantsAddress && (service.IsOurs || service.IsMarked);
        if (wanted == finalizers.Contains(LoadBalancerServices.Finalizer) || (!wanted && !mayRemove))
        {
            return null;
        }

        var next = finalizers.Where(static finalizer => finalizer != LoadBalancerServices.Finalizer).ToList();
        if (wanted)
        {
            next.Add(LoadBalancerServices.Finalizer);
        }

        return new() { ["metadata"] = Metadata(service, new JsonArray([.. next.Select(static finalizer => JsonValue.Create(finalizer))])) };
    }

    /// <summary>Merge patch of the Service's status.</summary>
    public static JsonObject? Status(Service service, IPv4? address, string? problem, string pool, DateTimeOffset now)
    {
        if (!service.WantsAddress)
        {
            // A Service that is being deleted keeps its last status to its end.
            return service.IsMarked && service.Metadata.DeletionTimestamp is null ? Build(service, null, WithCondition(service, null)) : null;
        }

        var condition = Condition(service, address, problem, pool, now);
        return service.Address == address && service.Status.LoadBalancer.Ingress.Count == (address is null ? 0 : 1) && service.AllocationCondition == condition
            ? null
            : Build(service, address, WithCondition(service, condition));
    }

    private static Condition Condition(Service service, IPv4? address, string? problem, string pool, DateTimeOffset now)
    {
        var current = service.AllocationCondition;
        var status = problem is null ? "True" : "False";
        return new()
        {
            Type = LoadBalancerServices.Allocated,
            Status = status,
            Reason = problem is null ? ReasonAllocated : ReasonFailed,
            Message = (problem, address) switch
            {
                (null, _) => $"{address} of the pool {pool}",
                (_, null) => problem,
                _ => $"{problem} (until then it keeps {address})",
            },
            LastTransitionTime = current?.Status == status ? current.LastTransitionTime : now,
        };
    }

    private static List<Condition> WithCondition(Service service, Condition? condition)
    {
        var conditions = service.Status.Conditions.Where(static other => other.Type != LoadBalancerServices.Allocated).ToList();
        if (condition is not null)
        {
            conditions.Add(condition);
        }

        return conditions;
    }

    private static JsonObject Build(Service service, IPv4? address, List<Condition> conditions) => new()
    {
        ["metadata"] = Metadata(service, null),
        ["status"] = new JsonObject
        {
            ["loadBalancer"] = new JsonObject
            {
                ["ingress"] = address is { } ip ? new JsonArray(new JsonObject { ["ip"] = ip.ToString(), ["ipMode"] = "VIP" }) : null,
            },
            ["conditions"] = conditions.Count > 0 ? JsonSerializer.SerializeToNode(conditions, ApiJson.TypeInfo<IReadOnlyList<Condition>>()) : null,
        },
    };

    // Lists are replaced whole, so a write based on an older state has to be refused.
    private static JsonObject Metadata(Service service, JsonArray? finalizers)
    {
        var metadata = new JsonObject { ["resourceVersion"] = service.Metadata.ResourceVersion };
        if (finalizers is not null)
        {
            metadata["finalizers"] = finalizers;
        }

        return metadata;
    }
}
