using Portico.Api.Objects;

namespace Portico.Node.Containers;

/// <summary>The downward API: fields of a pod as values of its containers' environment.</summary>
internal static class FieldPath
{
    /// <param name="pod">With its address in status.</param>
    /// <returns>False: there is no such field to refer to.</returns>
    public static bool TryRead(Pod pod, string path, out string value)
    {
        if (TryKey(path, "metadata.labels", out var label))
        {
            value = pod.Metadata.Labels.GetValueOrDefault(label, "");
            return true;
        }

        if (TryKey(path, "metadata.annotations", out var annotation))
        {
            value = pod.Metadata.Annotations.GetValueOrDefault(annotation, "");
            return true;
        }

        var found = path switch
        {
            "metadata.name" => pod.Metadata.Name,
            "metadata.namespace" => pod.Metadata.Namespace,
            "metadata.uid" => pod.Metadata.Uid ?? "",
            "spec.nodeName" => pod.Spec.NodeName ?? "",
            "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
            "status.podIP" => pod.Status.PodIP ?? "",
            "status.podIPs" => string.Join(',', pod.Status.PodIPs.Select(entry => entry.Ip)),
            "status.hostIP" => pod.Status.HostIP ?? "",
            "status.hostIPs" => string.Join(',', pod.Status.HostIPs.Select(entry => entry.Ip)),
            _ => null,
        };
        value = found ?? "";
        return found is not null;
    }

    private static bool TryKey(string path, string map, out string key)
    {
        key = "";
        if (path.Length <= map.Length + 4 || !path.StartsWith(map + "['", StringComparison.Ordinal) || !path.EndsWith("']", StringComparison.Ordinal))
        {
            return false;
        }

        key = path[(map.Length + 2)..^2];
        return true;
    }
}
