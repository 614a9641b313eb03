using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;

namespace Portico.Controllers.EndpointSlices;

/// <summary>Which Services a change of a pod concerns.</summary>
internal static class ServicesOfPods
{
    /// <summary>Whether the change can show in an endpoint at all: most status updates can not.</summary>
    public static bool Matters(ObjectChange<Pod> change)
    {
        if (change.Old is not { } old || change.New is not { } pod)
        {
            return true;
        }

        return old.Metadata.DeletionTimestamp is null != (pod.Metadata.DeletionTimestamp is null)
            || Pods.PodFacts.IsReady(old) != Pods.PodFacts.IsReady(pod)
            || Pods.PodFacts.IsTerminal(old) != Pods.PodFacts.IsTerminal(pod)
            || old.Spec.NodeName != pod.Spec.NodeName
            || old.Status.PodIP != pod.Status.PodIP
            || !old.Status.PodIPs.SequenceEqual(pod.Status.PodIPs)
            || old.Metadata.Uid != pod.Metadata.Uid
            || !SliceEquality.AreEqual(old.Metadata.Labels, pod.Metadata.Labels);
    }

    public static IEnumerable<ObjectKey> Of(ObjectIndex<Service> services, Pod pod)
    {
        foreach (var service in services[pod.Metadata.Namespace])
        {
            if (Selects(service, pod))
            {
                yield return ObjectKey.Of(service);
            }
        }
    }

    /// <summary>False for a Service without selector: somebody else writes its endpoints.</summary>
    public static bool Selects(Service service, Pod pod)
    {
        foreach (var (name, value) in service.Spec.Selector)
        {
            if (!pod.Metadata.Labels.TryGetValue(name, out var other) || other != value)
            {
                return false;
            }
        }

        return service.Spec.Selector.Count > 0;
    }
}
