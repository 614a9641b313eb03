using System.Net;
using System.Net.Sockets;
using Portico.Api.Objects;
using Portico.Net.Namespaces;

namespace Portico.Proxy.Tests;

/// <summary>Objects as the API server would hand them out, with only what the proxy reads.</summary>
internal static class Make
{
    private static int _version;

    public static Service Service(string name, string clusterIP, Func<ServiceSpec, ServiceSpec>? with = null, params string[] loadBalancerIPs)
    {
        var spec = new ServiceSpec { Type = "ClusterIP", ClusterIP = clusterIP, ClusterIPs = [clusterIP], Ports = [new() { Port = 80 }] };
        return new()
        {
            Metadata = Meta(name),
            Spec = with?.Invoke(spec) ?? spec,
            Status = new() { LoadBalancer = new() { Ingress = [.. loadBalancerIPs.Select(ip => new LoadBalancerIngress { Ip = ip })] } },
        };
    }

    public static Service Annotated(Service service, params (string Name, string Value)[] annotations) =>
        service with { Metadata = service.Metadata with { Annotations = annotations.ToDictionary(pair => pair.Name, pair => pair.Value) } };

    /// <summary>Its balancer address came from a pool of ours.</summary>
    public static Service Allocated(Service service) =>
        service with { Status = service.Status with { Conditions = [new() { Type = "portico.dev/AddressAllocated", Status = "True" }] } };

    public static EndpointSlice Slice(string service, int port, params Endpoint[] endpoints) =>
        Slice(service, [new EndpointPort { Name = "", Port = port, Protocol = "TCP" }, new EndpointPort { Name = "udp", Port = port, Protocol = "UDP" }], endpoints);

    public static EndpointSlice Slice(string service, EndpointPort[] ports, params Endpoint[] endpoints) => new()
    {
        Metadata = Meta(service + "-slice") with { Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = service } },
        AddressType = "IPv4",
        Ports = ports,
        Endpoints = endpoints,
    };

    public static Endpoint Endpoint(string address, string node = "node1", bool ready = true, bool? serving = null, bool terminating = false) => new()
    {
        Addresses = [address],
        NodeName = node,
        Conditions = new() { Ready = ready, Serving = serving ?? ready, Terminating = terminating },
    };

    public static ServiceProxyOptions Options(ProxyMode mode = ProxyMode.Nftables, NetworkNamespace? inside = null) => new()
    {
        NodeName = "node1",
        Mode = mode,
        NodeAddresses = [IPAddress.Parse("192.168.77.11")],
        Pods = LocalDetector.ByNetwork("10.244.0.0/16"),
        ServiceCidrs = ["10.96.0.0/16"],
        Namespace = inside,
    };

    /// <summary>The same for IPv6, with the addresses that stand for those of IPv4.</summary>
    public static ServiceProxyOptions Options6(ProxyMode mode = ProxyMode.Nftables) => Options(mode) with
    {
        Family = AddressFamily.InterNetworkV6,
        NodeAddresses = [IPAddress.Parse("fd00:168:77::11")],
        Pods = LocalDetector.ByNetwork("fd00:244::/32"),
        ServiceCidrs = ["fd00:96::/112"],
    };

    private static ObjectMeta Meta(string name) => new()
    {
        Name = name,
        Namespace = "shop",
        Uid = "uid of " + name,
        CreationTimestamp = DateTimeOffset.UnixEpoch,
        ResourceVersion = Interlocked.Increment(ref _version).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
