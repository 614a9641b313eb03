using Portico.Controllers.LegacyEndpoints;
using Portico.Api.Objects;

namespace Portico.Controllers.Tests.EndpointSlices;

public sealed class EndpointsPlanTests
{
    [Fact]
    public void Compute_Pods_ReadyAndNotReadyByPorts()
    {
        var world = new SliceWorld();
        Pod[] pods = [SliceWorld.Pod(2), SliceWorld.Pod(1), SliceWorld.Pod(3, ready: false), SliceWorld.Pod(4, terminating: true), SliceWorld.Pod(5, port: 9090)];
        var endpoints = EndpointsPlan.Compute(world.Service, pods, _ => new Node { Metadata = new() { Name = "node1" } });
        Assert.Equal(2, endpoints.Subsets.Count);
        var subset = endpoints.Subsets.Single(subset => subset.Ports[0].Port == 8080);
        Assert.Equal(["10.244.0.1", "10.244.0.2"], subset.Addresses.Select(address => address.Ip));
        Assert.Equal(["10.244.0.3"], subset.NotReadyAddresses.Select(address => address.Ip));
        Assert.Equal("endpoint-controller", endpoints.Metadata.Labels["endpoints.kubernetes.io/managed-by"]);
    }

    [Fact]
    public void Compute_TooMany_AreCutAndSaidSo()
    {
        var world = new SliceWorld();
        var pods = Enumerable.Range(0, 1001).Select(number => SliceWorld.Pod(number));
        var endpoints = EndpointsPlan.Compute(world.Service, pods, _ => new Node());
        Assert.Equal(1000, endpoints.Subsets.Sum(subset => subset.Addresses.Count));
        Assert.Equal("truncated", endpoints.Metadata.Annotations["endpoints.kubernetes.io/over-capacity"]);
    }
}
