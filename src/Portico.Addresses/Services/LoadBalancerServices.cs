using Portico.Api.Objects;
using Portico.Net.Packets;

namespace Portico.Addresses.Services;

/// <summary>Which Services get their address here, and how they carry it.</summary>
public static class LoadBalancerServices
{
    /// <summary>spec.loadBalancerClass that means this implementation; absent means it too.</summary>
    public const string Class = "portico.dev/addresses";

    /// <summary>Upstream's finalizer: the Service stays until its address was taken back.</summary>
    public const string Finalizer = "service.kubernetes.io/load-balancer-cleanup";

    /// <summary>Condition in status.conditions, and so the mark that an address in status is ours.</summary>
    public const string Allocated = "portico.dev/AddressAllocated";

    extension(Service service)
    {
        public bool IsOurs => service.Spec.Type == "LoadBalancer" && service.Spec.LoadBalancerClass is null or "" or Class;

        public bool WantsAddress => service.IsOurs && service.Metadata.DeletionTimestamp is null;

        /// <summary>We wrote on it earlier and may do so again: what it holds has to be taken back when it wants no address any more.</summary>
        public bool IsMarked => service.AllocationCondition is not null;

        public Condition? AllocationCondition => service.Status.Conditions.FirstOrDefault(static condition => condition.Type == Allocated);

        /// <summary>The IPv4 address in status that clients send to as it is (ipMode VIP, the default).</summary>
        public IPv4? Address
        {
            get
            {
                foreach (var ingress in service.Status.LoadBalancer.Ingress)
                {
                    if (ingress.IpMode is null or "VIP" && IPv4.TryParse(ingress.Ip, out var address))
                    {
                        return address;
                    }
                }

                return null;
            }
        }
    }
}
