using System.Collections.Immutable;
using System.Net;
using Portico.Api.Objects;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <summary>Reads the addresses of a backend out of the EndpointSlices of its Service.</summary>
internal static class EndpointCompiler
{
    /// <summary>Ready endpoints; when there are none, those that end but still serve, as kube-proxy does. Sorted, without duplicates.</summary>
    /// <param name="service">Null: it does not exist, so the backend has no endpoints.</param>
    public static ImmutableArray<IPEndPoint> Compile(BackendKey backend, Service? service, IEnumerable<EndpointSlice> slices)
    {
        if (service is null || BackendResolver.Port(service, new() { Number = backend.Port }) is not { } port)
        {
            return [];
        }

        var family = Family(service);
        var ready = new List<IPEndPoint>();
        var ending = new List<IPEndPoint>();
        foreach (var slice in slices)
        {
            if (slice.AddressType != family || Number(slice, port.Name ?? "") is not { } number)
            {
                continue;
            }

            foreach (var endpoint in slice.Endpoints)
            {
                var conditions = endpoint.Conditions;
                var list = conditions.Ready ?? true ? ready
                    : (conditions.Serving ?? conditions.Ready ?? true) && conditions.Terminating == true ? ending
                    : null;
                // Only the first address counts; the API says the others mean the same endpoint.
                if (list is not null && endpoint.Addresses is [var text, ..] && IPAddress.TryParse(text, out var address))
                {
                    list.Add(new(address, number));
                }
            }
        }

        return Sorted(ready.Count > 0 ? ready : ending);
    }

    // A dual-stack Service has each pod twice; its first family is enough.
    private static string Family(Service service) => service.Spec.IpFamilies is [var first, ..] ? first : "IPv4";

    private static int? Number(EndpointSlice slice, string name)
    {
        foreach (var port in slice.Ports)
        {
            if ((port.Name ?? "") == name && (port.Protocol is null or "" or "TCP") && port.Port is > 0 and <= 65535)
            {
                return port.Port;
            }
        }

        return null;
    }

    private static ImmutableArray<IPEndPoint> Sorted(List<IPEndPoint> endpoints) =>
        [.. endpoints.Distinct().OrderBy(endpoint => endpoint.ToString(), StringComparer.Ordinal)];
}
