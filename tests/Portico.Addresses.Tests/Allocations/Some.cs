using Portico.Addresses.Pools;
using Portico.Addresses.Services;
using Portico.Api.Objects;

namespace Portico.Addresses.Tests.Allocations;

/// <summary>Services as tests need them.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    public static AddressPool Pool { get; } = AddressPool.Parse("10.0.0.1-10.0.0.3");

    /// <param name="age">Minutes before noon that it was made.</param>
    public static Service Service(string name, int age = 0, string? has = null, string? asks = null) => new()
    {
        Metadata = new() { Name = name, Namespace = "shop", Uid = $"uid-{name}", ResourceVersion = "1", CreationTimestamp = Noon.AddMinutes(-age) },
        Spec = new() { Type = "LoadBalancer", LoadBalancerIP = asks },
        Status = has is null ? new() : Showing(has),
    };

    public static Service Annotated(this Service service, string name, string value) =>
        service with { Metadata = service.Metadata with { Annotations = new Dictionary<string, string>(service.Metadata.Annotations) { [name] = value } } };

    public static ServiceStatus Showing(string address) => new()
    {
        LoadBalancer = new() { Ingress = [new() { Ip = address, IpMode = "VIP" }] },
        Conditions = [new() { Type = LoadBalancerServices.Allocated, Status = "True", Reason = "IPAllocated", Message = $"{address} of the pool {Pool}", LastTransitionTime = Noon }],
    };
}
