using System.Text.Json.Nodes;
using Portico.Api.Statuses;
using Portico.Server.Requests;
using Portico.Server.Store;

namespace Portico.Server.Admission;

/// <summary>An Ingress that names no class gets the default one; of several default ones, the newest, as upstream.</summary>
internal sealed class IngressAdmission(IObjectStore store) : IAdmission
{
    private const string DefaultAnnotation = "ingressclass.kubernetes.io/is-default-class";
    private const string LegacyAnnotation = "kubernetes.io/ingress.class";

    public Status? Admit(AdmissionWrite write)
    {
        if (write.Old is not null || write.Object.Text("spec", "ingressClassName") is not null
            || write.Object.Text("metadata", "annotations", LegacyAnnotation) is not null)
        {
            return null;
        }

        string? chosen = null;
        var newest = "";
        foreach (var item in store.List("ingressclasses.networking.k8s.io")!.In(""))
        {
            if (RawJson.Text(item.Json, "metadata", "annotations", DefaultAnnotation) != "true")
            {
                continue;
            }

            // RFC 3339 in UTC sorts as text.
            var created = RawJson.Text(item.Json, "metadata", "creationTimestamp") ?? "";
            if (chosen is null || string.CompareOrdinal(created, newest) > 0)
            {
                (chosen, newest) = (item.Key.Name, created);
            }
        }

        if (chosen is not null)
        {
            write.Object.Child("spec")["ingressClassName"] = chosen;
        }

        return null;
    }

    public void Removed(JsonObject last)
    {
    }
}
