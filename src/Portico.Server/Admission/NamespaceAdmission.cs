using System.Text.Json.Nodes;
using Portico.Api.Statuses;
using Portico.Server.Requests;

namespace Portico.Server.Admission;

/// <summary>A namespace lives until its spec.finalizers are empty, and bears its name as a label.</summary>
internal sealed class NamespaceAdmission : IAdmission
{
    public const string Finalizer = "kubernetes";
    private const string NameLabel = "kubernetes.io/metadata.name";

    public Status? Admit(AdmissionWrite write)
    {
        var spec = write.Object.Child("spec");
        if (write.Old is null)
        {
            spec["finalizers"] = new JsonArray(Finalizer);
        }
        else if (write.Request.Subresource != "finalize")
        {
            write.Object["spec"] = write.Old["spec"]?.DeepClone();
        }

        if (write.Object.Text("metadata", "name") is { } name)
        {
            write.Object.Metadata().Child("labels")[NameLabel] = name;
        }

        return null;
    }

    public void Removed(JsonObject last)
    {
    }
}
