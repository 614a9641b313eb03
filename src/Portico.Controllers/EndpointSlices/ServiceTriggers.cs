using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Queues;
using Portico.Controllers.Caches;

namespace Portico.Controllers.EndpointSlices;

/// <summary>Puts a Service into a queue when it, one of its pods, or the node of one of its pods changes in what endpoints show.</summary>
internal static class ServiceTriggers
{
    public static void Subscribe(SharedCaches caches, WorkQueue<ObjectKey> queue)
    {
        caches.Services.Changed += change => queue.Add(change.Key);
        caches.Pods.Changed += change =>
        {
            if (ServicesOfPods.Matters(change))
            {
                Add(change.Old);
                Add(change.New);
            }
        };
        caches.Nodes.Changed += change =>
        {
            // Endpoints carry the node's zone, and a node that comes or goes takes its pods along.
            if (change.Old is null || change.New is null || !SliceEquality.AreEqual(change.Old.Metadata.Labels, change.New.Metadata.Labels))
            {
                foreach (var pod in caches.PodsByNode[change.Key.Name])
                {
                    Add(pod);
                }
            }
        };

        void Add(Pod? pod)
        {
            if (pod is null)
            {
                return;
            }

            foreach (var service in ServicesOfPods.Of(caches.ServicesByNamespace, pod))
            {
                queue.Add(service);
            }
        }
    }
}
