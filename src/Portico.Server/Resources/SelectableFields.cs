namespace Portico.Server.Resources;

/// <summary>The fields that a field selector may name, as upstream has them for each kind.</summary>
internal static class SelectableFields
{
    private static readonly Dictionary<string, Dictionary<string, SelectableField>> ByResource = new()
    {
        ["pods"] = Fields(
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork:false", "status.phase", "status.podIP",
            "status.nominatedNodeName"),
        ["events"] = Fields(
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "type", "source=source.component"),
        ["nodes"] = Fields("spec.unschedulable:false"),
        ["namespaces"] = Fields("status.phase"),
        ["secrets"] = Fields("type"),
        ["services"] = Fields("spec.clusterIP", "spec.type"),
        ["replicasets.apps"] = Fields("status.replicas:0"),
    };

    private static readonly Dictionary<string, SelectableField> Common = Fields("metadata.name", "metadata.namespace");

    /// <summary>Null when the field can't be selected by.</summary>
    public static SelectableField? Find(string resource, string field) =>
        Common.GetValueOrDefault(field) ?? (ByResource.TryGetValue(resource, out var fields) ? fields.GetValueOrDefault(field) : null);

    /// <param name="fields">A path; ":" leads to the value of an absent field, "=" to the path when it differs from the name.</param>
    private static Dictionary<string, SelectableField> Fields(params ReadOnlySpan<string> fields)
    {
        var result = new Dictionary<string, SelectableField>();
        foreach (var field in fields)
        {
            var parts = field.Split(':');
            var names = parts[0].Split('=');
            result[names[0]] = new(names[^1].Split('.'), parts.Length > 1 ? parts[1] : "");
        }

        return result;
    }
}
