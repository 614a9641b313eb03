using System.Net.Sockets;
using Portico.Api.Objects;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>
/// Services of every kind and policy, with every state of endpoints that upstream's tests of its back ends tell apart. Each has a TCP and a UDP port of the
/// same number, and node ports likewise.
/// </summary>
internal static class TrafficTable
{
    public static void AddTo(NodeWorld world)
    {
        var (pod1, pod2, pod3) = (world.Address("10.244.1.5"), world.Address("10.244.1.6"), world.Address("10.244.2.5"));
        var (local1, local2, remote) = (Make.Endpoint(pod1), Make.Endpoint(pod2), Make.Endpoint(pod3, "node2"));
        var (leaving1, leaving2, leaving3) = (Leaving(pod1), Leaving(pod2), Leaving(pod3, "node2"));
        var number = 0;

        Add("cluster", Exposed, local1, local2, remote);
        Add("etp-local", spec => Exposed(spec) with { ExternalTrafficPolicy = "Local" }, local1, remote);
        Add("itp-local", spec => Exposed(spec) with { InternalTrafficPolicy = "Local" }, local2, remote);
        Add("both-local", spec => Exposed(spec) with { ExternalTrafficPolicy = "Local", InternalTrafficPolicy = "Local" }, local2, remote);
        Add("etp-local-none-here", spec => Exposed(spec) with { ExternalTrafficPolicy = "Local" }, remote);
        Add("itp-local-none-here", spec => spec with { InternalTrafficPolicy = "Local" }, remote);
        Add("none", Exposed);
        Add("sticky", spec => Exposed(spec) with { SessionAffinity = "ClientIP" }, local1, local2, remote);
        Add("hairpin", Exposed, local1);

        // Ways in that are there without the others.
        Add("node-port", spec => spec with { Type = "NodePort", Ports = Ports(nodePort: 30000 + number) }, local2, remote);
        Add("no-node-port", spec => Exposed(spec) with { Ports = Ports() }, local2, remote);
        Add("external-ip", spec => spec with { ExternalIPs = [world.Address($"198.51.100.{number}")], ExternalTrafficPolicy = "Local" }, local1, remote);
        Add("external-ip-none-here", spec => spec with { ExternalIPs = [world.Address($"198.51.100.{number}")], ExternalTrafficPolicy = "Local" }, remote);
        Add("external-ip-none", spec => spec with { ExternalIPs = [world.Address($"198.51.100.{number}")] });

        // Only the balancer's address is closed to others.
        Add("ranges-client", spec => Ranges(spec, "192.168.77.2/32"), local1, local2);
        Add("ranges-pods-node", spec => Ranges(spec, "10.244.1.0/24", " 10.244.1.5/32 ", "192.168.77.11/32"), local1, local2);
        Add("ranges-etp-local", spec => Ranges(spec, "192.168.77.0/24") with { ExternalTrafficPolicy = "Local" }, local1, remote);
        Add("ranges-none", spec => Ranges(spec, "192.168.77.2/32"));

        // Terminating endpoints serve where no others do; those that do not serve are none.
        Add("leaving", Exposed, leaving1, leaving3);
        Add("leaving-and-ready", Exposed, leaving1, local2);
        Add("etp-local-leaving", spec => Exposed(spec) with { ExternalTrafficPolicy = "Local" }, leaving2, remote);
        Add("etp-local-leaving-and-ready", spec => Exposed(spec) with { ExternalTrafficPolicy = "Local" }, leaving1, local2, leaving3);
        Add("etp-local-gone", spec => Exposed(spec) with { ExternalTrafficPolicy = "Local" }, Gone(pod1), remote);
        Add("itp-local-leaving", spec => spec with { InternalTrafficPolicy = "Local" }, leaving2, remote);
        Add("itp-local-gone", spec => spec with { InternalTrafficPolicy = "Local" }, Gone(pod2), remote);
        Add("gone", Exposed, Gone(pod1), Gone(pod3, "node2"));
        Add("not-ready", Exposed, Make.Endpoint(pod2, ready: false));

        world.Services.Set(Make.Annotated(Service("keep", Exposed), ("portico.dev/client-address", "keep")));
        world.Slices.Set(Slice("keep", local1, remote));
        world.Services.Set(Make.Annotated(Service("round-robin", Exposed), ("portico.dev/algorithm", "round-robin")));
        world.Slices.Set(Slice("round-robin", local1, remote));

        // An endpoint in two slices is one, and ready where one of them says so.
        world.Services.Set(Service("two-slices", Exposed));
        world.Slices.Set(Slice("two-slices", leaving1, local2));
        var second = Slice("two-slices", local1);
        world.Slices.Set(second with { Metadata = second.Metadata with { Name = "two-slices-second" } });

        void Add(string name, Func<ServiceSpec, ServiceSpec> with, params Endpoint[] endpoints)
        {
            world.Services.Set(Service(name, with));
            world.Slices.Set(Slice(name, endpoints));
        }

        Service Service(string name, Func<ServiceSpec, ServiceSpec> with)
        {
            number++;
            var service = Make.Service(name, world.Address($"10.96.0.{number}"), spec => with(spec with { Ports = Ports() }));
            return service.Spec.Type == "LoadBalancer"
                ? service with { Status = new() { LoadBalancer = new() { Ingress = [new() { Ip = world.Address($"203.0.113.{number}") }] } } }
                : service;
        }

        ServiceSpec Exposed(ServiceSpec spec) => spec with { Type = "LoadBalancer", Ports = Ports(nodePort: 30000 + number) };

        ServiceSpec Ranges(ServiceSpec spec, params string[] ranges) =>
            Exposed(spec) with { LoadBalancerSourceRanges = [.. ranges.Select(range => range.Replace(range.Trim(), world.Address(range.Trim()), StringComparison.Ordinal))] };

        EndpointSlice Slice(string name, params Endpoint[] endpoints) =>
            Make.Slice(name, NodeWorld.PodPort, endpoints) with { AddressType = world.Options.Family == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4" };
    }

    private static ServicePort[] Ports(int nodePort = 0) =>
        [new() { Port = 80, NodePort = nodePort }, new() { Name = "udp", Port = 80, Protocol = "UDP", NodePort = nodePort }];

    private static Endpoint Leaving(string address, string node = "node1") => Make.Endpoint(address, node, ready: false, serving: true, terminating: true);

    private static Endpoint Gone(string address, string node = "node1") => Make.Endpoint(address, node, ready: false, serving: false, terminating: true);
}
