using Portico.Api.Objects;
using Portico.Controllers.Owners;

namespace Portico.Controllers.EndpointSlices;

/// <summary>
/// The writes that bring the slices of a Service to its pods, as few as can be: an endpoint keeps its slice, and only slices that
/// differ are written. As upstream's reconciler: one group of slices for each family and set of port numbers, 100 endpoints a slice,
/// and one empty slice a family when there is no endpoint at all.
/// </summary>
internal sealed record SlicePlan(IReadOnlyList<EndpointSlice> Create, IReadOnlyList<EndpointSlice> Update, IReadOnlyList<EndpointSlice> Delete)
{
    public const string ManagedBy = "endpointslice-controller.k8s.io";
    public const string HeadlessLabel = "service.kubernetes.io/headless";
    public const string TriggerTimeAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

    /// <summary>As upstream's default of --max-endpoints-per-slice.</summary>
    public const int MaxEndpoints = 100;

    public bool IsEmpty => Create.Count == 0 && Update.Count == 0 && Delete.Count == 0;

    /// <param name="existing">The slices of this Service that this controller manages.</param>
    public static SlicePlan Compute(Service service, IEnumerable<Pod> pods, Func<string, Node?> node, IReadOnlyList<EndpointSlice> existing)
    {
        var podList = pods as IReadOnlyCollection<Pod> ?? [.. pods];
        List<EndpointSlice> create = [], update = [], delete = [];
        var families = Families(service);
        foreach (var family in families)
        {
            ReconcileFamily(service, family, Desired(service, podList, node, family), [.. existing.Where(slice => slice.AddressType == family)], create, update, delete);
        }

        delete.AddRange(existing.Where(slice => !families.Contains(slice.AddressType)));
        return new(create, update, delete);
    }

    public static IReadOnlyList<string> Families(Service service)
    {
        if (service.Spec.IpFamilies.Count > 0)
        {
            return service.Spec.IpFamilies;
        }

        return [service.Spec.ClusterIP?.Contains(':', StringComparison.Ordinal) == true ? "IPv6" : "IPv4"];
    }

    private static Dictionary<string, (IReadOnlyList<EndpointPort> Ports, Dictionary<string, Endpoint> Endpoints)> Desired(
        Service service, IReadOnlyCollection<Pod> pods, Func<string, Node?> node, string family)
    {
        var groups = new Dictionary<string, (IReadOnlyList<EndpointPort> Ports, Dictionary<string, Endpoint> Endpoints)>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            var on = pod.Spec.NodeName is { Length: > 0 } name ? node(name) : null;
            if (PodEndpoint.Create(service, pod, on, family) is { } endpoint)
            {
                var ports = PodEndpoint.Ports(service, pod);
                var key = SliceEquality.PortKey(ports);
                if (!groups.TryGetValue(key, out var group))
                {
                    groups[key] = group = (ports, new(StringComparer.Ordinal));
                }

                group.Endpoints[SliceEquality.Identity(endpoint)] = endpoint;
            }
        }

        return groups;
    }

    private static void ReconcileFamily(
        Service service,
        string family,
        Dictionary<string, (IReadOnlyList<EndpointPort> Ports, Dictionary<string, Endpoint> Endpoints)> desired,
        List<EndpointSlice> existing,
        List<EndpointSlice> create,
        List<EndpointSlice> update,
        List<EndpointSlice> delete)
    {
        var labels = Labels(service);
        List<EndpointSlice> created = [], deleted = [];
        foreach (var (key, group) in desired)
        {
            var slices = existing.Where(slice => SliceEquality.PortKey(slice.Ports) == key).ToList();
            ReconcileGroup(service, family, labels, group.Ports, group.Endpoints, slices, created, update, deleted);
        }

        deleted.AddRange(existing.Where(slice => !desired.ContainsKey(SliceEquality.PortKey(slice.Ports))));
        if (existing.Count == deleted.Count && created.Count == 0)
        {
            KeepPlaceholder(service, family, labels, created, deleted);
        }

        // A slice that would go is written over with one that would come: one write, and readers never see the gap.
        while (created.Count > 0 && deleted.FindIndex(slice => IsOurs(slice, service)) is >= 0 and var reused)
        {
            var slice = deleted[reused];
            update.Add(created[0] with
            {
                Metadata = slice.Metadata with { Labels = labels, Annotations = slice.Metadata.Annotations },
            });
            created.RemoveAt(0);
            deleted.RemoveAt(reused);
        }

        create.AddRange(created);
        delete.AddRange(deleted);
    }

    private static void KeepPlaceholder(
        Service service, string family, Dictionary<string, string> labels, List<EndpointSlice> created, List<EndpointSlice> deleted)
    {
        var placeholder = deleted.FindIndex(slice => slice.Endpoints.Count == 0 && slice.Ports.Count == 0 && IsOurs(slice, service) && HasLabels(slice, labels));
        if (placeholder >= 0)
        {
            deleted.RemoveAt(placeholder);
        }
        else
        {
            created.Add(New(service, family, labels, [], []));
        }
    }

    private static void ReconcileGroup(
        Service service,
        string family,
        Dictionary<string, string> labels,
        IReadOnlyList<EndpointPort> ports,
        Dictionary<string, Endpoint> desired,
        List<EndpointSlice> existing,
        List<EndpointSlice> created,
        List<EndpointSlice> updated,
        List<EndpointSlice> deleted)
    {
        var open = new List<(EndpointSlice Slice, List<Endpoint> Endpoints, bool Changed)>();
        foreach (var slice in existing)
        {
            var (kept, changed) = Keep(slice, desired);
            open.Add((slice, kept, changed || !HasLabels(slice, labels) || !IsOurs(slice, service)));
        }

        var rest = new Queue<Endpoint>(desired.Values);
        // Into slices that are written anyway, the fullest first.
        foreach (var (_, endpoints, _) in open.Where(item => item.Changed && item.Endpoints.Count > 0).OrderByDescending(item => item.Endpoints.Count))
        {
            Fill(endpoints, rest);
        }

        while (rest.Count >= MaxEndpoints)
        {
            CreateOne();
        }

        FillOneMore(open, rest);
        foreach (var (slice, endpoints, changed) in open)
        {
            if (endpoints.Count == 0 && rest.Count == 0)
            {
                deleted.Add(slice);
                continue;
            }

            if (changed || endpoints.Count == 0)
            {
                Fill(endpoints, rest);
                updated.Add(slice with { Endpoints = endpoints, Ports = ports, Metadata = slice.Metadata with { Labels = labels, OwnerReferences = [Ownership.ControllerOf(service)] } });
            }
        }

        while (rest.Count > 0)
        {
            CreateOne();
        }

        void CreateOne()
        {
            var endpoints = new List<Endpoint>();
            Fill(endpoints, rest);
            created.Add(New(service, family, labels, ports, endpoints));
        }
    }

    // What is left and fills no slice of its own goes into the fullest slice that has room for all of it, and only that one is written.
    private static void FillOneMore(List<(EndpointSlice Slice, List<Endpoint> Endpoints, bool Changed)> open, Queue<Endpoint> rest)
    {
        if (rest.Count == 0)
        {
            return;
        }

        var best = -1;
        for (var i = 0; i < open.Count; i++)
        {
            var count = open[i].Endpoints.Count;
            if (count + rest.Count <= MaxEndpoints && (best < 0 || count > open[best].Endpoints.Count))
            {
                best = i;
            }
        }

        if (best >= 0)
        {
            Fill(open[best].Endpoints, rest);
            open[best] = open[best] with { Changed = true };
        }
    }

    private static (List<Endpoint> Kept, bool Changed) Keep(EndpointSlice slice, Dictionary<string, Endpoint> desired)
    {
        var kept = new List<Endpoint>(slice.Endpoints.Count);
        var changed = false;
        foreach (var endpoint in slice.Endpoints)
        {
            if (kept.Count < MaxEndpoints && desired.Remove(SliceEquality.Identity(endpoint), out var wanted))
            {
                changed |= !SliceEquality.AreEqual(endpoint, wanted);
                kept.Add(wanted);
            }
            else
            {
                changed = true;
            }
        }

        return (kept, changed);
    }

    private static void Fill(List<Endpoint> endpoints, Queue<Endpoint> rest)
    {
        while (endpoints.Count < MaxEndpoints && rest.TryDequeue(out var endpoint))
        {
            endpoints.Add(endpoint);
        }
    }

    private static bool HasLabels(EndpointSlice slice, Dictionary<string, string> labels) => SliceEquality.AreEqual(slice.Metadata.Labels, labels);

    private static bool IsOurs(EndpointSlice slice, Service service) =>
        slice.Metadata.DeletionTimestamp is null && slice.Metadata.OwnerReferences.Any(owner => owner.Uid == service.Metadata.Uid);

    private static Dictionary<string, string> Labels(Service service)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in service.Metadata.Labels)
        {
            labels[name] = value;
        }

        labels.Remove(HeadlessLabel);
        if (service.Spec.ClusterIP == "None")
        {
            labels[HeadlessLabel] = "";
        }

        labels[EndpointSlice.ServiceNameLabel] = service.Metadata.Name;
        labels[EndpointSlice.ManagedByLabel] = ManagedBy;
        return labels;
    }

    private static EndpointSlice New(
        Service service, string family, Dictionary<string, string> labels, IReadOnlyList<EndpointPort> ports, IReadOnlyList<Endpoint> endpoints) => new()
        {
            Metadata = new()
            {
                GenerateName = service.Metadata.Name + "-",
                Namespace = service.Metadata.Namespace,
                Labels = labels,
                OwnerReferences = [Ownership.ControllerOf(service)],
            },
            AddressType = family,
            Ports = ports,
            Endpoints = endpoints,
        };
}
