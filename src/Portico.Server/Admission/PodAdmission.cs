using System.Text.Json.Nodes;
using Portico.Api.Statuses;
using Portico.Server.Requests;

namespace Portico.Server.Admission;

/// <summary>Every pod runs as a service account.</summary>
internal sealed class PodAdmission : IAdmission
{
    public Status? Admit(AdmissionWrite write)
    {
        if (write.Old is not null)
        {
            return null;
        }

        var spec = write.Object.Child("spec");
        var account = spec.Text("serviceAccountName") ?? spec.Text("serviceAccount") ?? "default";
        spec["serviceAccountName"] = account;
        // The deprecated name of the same, which old readers still look at.
        spec["serviceAccount"] = account;
        return null;
    }

    public void Removed(JsonObject last)
    {
    }
}
