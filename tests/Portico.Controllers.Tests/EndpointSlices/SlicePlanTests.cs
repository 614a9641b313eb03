using CsCheck;

namespace Portico.Controllers.Tests.EndpointSlices;

public sealed class SlicePlanTests
{
    private readonly SliceWorld _world = new();

    [Fact]
    public void Compute_NoPods_OneEmptySlice()
    {
        Assert.Equal((1, 0, 0), _world.Reconcile());
        var slice = Assert.Single(_world.Slices);
        Assert.Empty(slice.Endpoints);
        Assert.Empty(slice.Ports);
        Assert.Equal("IPv4", slice.AddressType);
        Assert.Equal("web-", slice.Metadata.GenerateName);
        Assert.Equal("svc-uid", Assert.Single(slice.Metadata.OwnerReferences).Uid);
        Assert.Equal(
            [("app", "web"), ("endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io"), ("kubernetes.io/service-name", "web")],
            slice.Metadata.Labels.Select(label => (label.Key, label.Value)).Order());
        Assert.Equal((0, 0, 0), _world.Reconcile());
    }

    [Fact]
    public void Compute_FirstPod_TakesOverTheEmptySliceAndTheLastGivesItBack()
    {
        _world.Reconcile();
        _world.Pods.Add(SliceWorld.Pod(1));
        Assert.Equal((0, 1, 0), _world.Reconcile());
        Assert.Equal((8080, "http"), (_world.Slices[0].Ports[0].Port!.Value, _world.Slices[0].Ports[0].Name));
        _world.Pods.Clear();
        Assert.Equal((0, 1, 0), _world.Reconcile());
        Assert.Empty(Assert.Single(_world.Slices).Endpoints);
        Assert.Empty(_world.Slices[0].Ports);
    }

    [Fact]
    public void Compute_ManyPods_FillSlicesAndAChangeWritesOne()
    {
        for (var i = 0; i < 250; i++)
        {
            _world.Pods.Add(SliceWorld.Pod(i));
        }

        Assert.Equal((3, 0, 0), _world.Reconcile());
        Assert.Equal([100, 100, 50], _world.Slices.Select(slice => slice.Endpoints.Count));

        _world.Pods[120] = SliceWorld.Pod(120, ready: false);
        Assert.Equal((0, 1, 0), _world.Reconcile());

        // One more goes where there is room, and nowhere else.
        _world.Pods.Add(SliceWorld.Pod(300));
        Assert.Equal((0, 1, 0), _world.Reconcile());
        Assert.Equal([100, 100, 51], _world.Slices.Select(slice => slice.Endpoints.Count));

        // A place that is left is taken by the next in the same write.
        _world.Pods.RemoveAt(0);
        _world.Pods.Add(SliceWorld.Pod(301));
        Assert.Equal((0, 1, 0), _world.Reconcile());
    }

    [Theory]
    // ready, terminating, publishNotReady → ready, serving, terminating
    [InlineData(true, false, false, true, true, false)]
    [InlineData(false, false, false, false, false, false)]
    [InlineData(true, true, false, false, true, true)]
    [InlineData(false, true, false, false, false, true)]
    [InlineData(false, false, true, true, false, false)]
    [InlineData(true, true, true, true, true, true)]
    public void Compute_Conditions_AreAsUpstream(bool ready, bool terminating, bool publish, bool isReady, bool isServing, bool isTerminating)
    {
        _world.Service = _world.Service with { Spec = _world.Service.Spec with { PublishNotReadyAddresses = publish } };
        _world.Pods.Add(SliceWorld.Pod(1, ready, terminating));
        _world.Reconcile();
        Assert.Equal(new() { Ready = isReady, Serving = isServing, Terminating = isTerminating }, _world.Slices[0].Endpoints[0].Conditions);
    }

    [Fact]
    public void Compute_PodsThatAreNoEndpoints_AreLeftOut()
    {
        _world.Pods.Add(SliceWorld.Pod(1) with { Status = new() { Phase = "Succeeded", PodIP = "10.244.1.1" } });
        _world.Pods.Add(SliceWorld.Pod(2) with { Status = new() { Phase = "Pending" } });
        _world.Pods.Add(SliceWorld.Pod(3) with { Spec = new() { NodeName = "gone" } });
        _world.Reconcile();
        Assert.Empty(_world.Slices[0].Endpoints);
    }

    [Fact]
    public void Compute_NamedPortWithTwoNumbers_TwoGroups()
    {
        _world.Pods.Add(SliceWorld.Pod(1));
        _world.Pods.Add(SliceWorld.Pod(2, port: 9090));
        _world.Pods.Add(SliceWorld.Pod(3, port: 9090));
        _world.Reconcile();
        Assert.Equal([(8080, 1), (9090, 2)], _world.Slices.Select(slice => (slice.Ports[0].Port!.Value, slice.Endpoints.Count)).Order());

        // The last of a group goes with its slice.
        _world.Pods.RemoveAt(0);
        Assert.Equal((0, 0, 1), _world.Reconcile());
    }

    [Fact]
    public void Compute_Headless_HasItsLabelAndHostnames()
    {
        _world.Service = _world.Service with { Spec = _world.Service.Spec with { ClusterIP = "None", Ports = [] } };
        var pod = SliceWorld.Pod(1);
        _world.Pods.Add(pod with { Spec = pod.Spec with { Hostname = "web-0", Subdomain = "web" } });
        pod = SliceWorld.Pod(2);
        _world.Pods.Add(pod with { Spec = pod.Spec with { Hostname = "web-1", Subdomain = "other" } });
        _world.Reconcile();
        var slice = Assert.Single(_world.Slices);
        Assert.Equal("", slice.Metadata.Labels["service.kubernetes.io/headless"]);
        Assert.Equal(["web-0", null], slice.Endpoints.Select(endpoint => endpoint.Hostname));
        Assert.Empty(slice.Ports);
    }

    [Theory]
    [InlineData(null, "", "")]
    [InlineData("PreferClose", "z1", "")]
    [InlineData("PreferSameZone", "z1", "")]
    [InlineData("PreferSameNode", "z1", "node1")]
    public void Compute_TrafficDistribution_BecomesHints(string? distribution, string zones, string nodes)
    {
        _world.Service = _world.Service with { Spec = _world.Service.Spec with { TrafficDistribution = distribution } };
        _world.Pods.Add(SliceWorld.Pod(1));
        _world.Reconcile();
        var hints = _world.Slices[0].Endpoints[0].Hints;
        Assert.Equal(zones, string.Join(',', hints?.ForZones.Select(zone => zone.Name) ?? []));
        Assert.Equal(nodes, string.Join(',', hints?.ForNodes.Select(node => node.Name) ?? []));
        Assert.Equal("z1", _world.Slices[0].Endpoints[0].Zone);
        Assert.Equal((0, 0, 0), _world.Reconcile());
    }

    [Fact]
    public void Compute_ServiceLabelsChanged_SlicesFollow()
    {
        _world.Pods.Add(SliceWorld.Pod(1));
        _world.Reconcile();
        _world.Service = _world.Service with { Metadata = _world.Service.Metadata with { Labels = new Dictionary<string, string> { ["team"] = "a" } } };
        Assert.Equal((0, 1, 0), _world.Reconcile());
        Assert.Equal("a", _world.Slices[0].Metadata.Labels["team"]);
        Assert.False(_world.Slices[0].Metadata.Labels.ContainsKey("app"));
    }

    [Fact]
    public void Compute_DualStack_OneGroupAFamily()
    {
        _world.Service = _world.Service with { Spec = _world.Service.Spec with { IpFamilies = ["IPv4", "IPv6"] } };
        var pod = SliceWorld.Pod(1);
        _world.Pods.Add(pod with { Status = pod.Status with { PodIPs = [new() { Ip = "10.244.1.1" }, new() { Ip = "fd00::1" }] } });
        _world.Reconcile();
        Assert.Equal(
            [("IPv4", "10.244.1.1"), ("IPv6", "fd00::1")],
            _world.Slices.Select(slice => (slice.AddressType, slice.Endpoints[0].Addresses[0])).Order());
    }

    [Fact]
    public void Compute_AnyHistory_ShowsExactlyThePodsAndThenRests() =>
        Gen.Select(Gen.Int[0, 400], Gen.Int[0, 2], Gen.Bool, Gen.Int[0, 1]).Array[1, 12].Array[1, 6].Sample(rounds =>
        {
            var world = new SliceWorld();
            foreach (var round in rounds)
            {
                foreach (var (number, action, ready, port) in round)
                {
                    // Blocks of pods, so that slices fill.
                    for (var i = number; i < number + 40; i++)
                    {
                        world.Pods.RemoveAll(pod => pod.Metadata.Name == $"p{i}");
                        if (action > 0)
                        {
                            world.Pods.Add(SliceWorld.Pod(i, ready, port: 8080 + port));
                        }
                    }
                }

                world.Reconcile();
                var expected = world.Pods.Select(pod => (pod.Metadata.Uid!, pod.Spec.Containers[0].Ports[0].Port)).Order().ToList();
                var actual = world.Slices.SelectMany(slice => slice.Endpoints.Select(endpoint => (endpoint.TargetRef!.Uid!, slice.Ports[0].Port!.Value))).Order().ToList();
                Assert.Equal(expected, actual);
                Assert.All(world.Slices, slice => Assert.InRange(slice.Endpoints.Count, world.Pods.Count == 0 ? 0 : 1, 100));
                Assert.Equal((0, 0, 0), world.Reconcile());
            }
        }, iter: 60);
}
