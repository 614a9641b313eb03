using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Statuses;

namespace Portico.Server.Admission;

/// <summary>Finds the admission of a kind.</summary>
internal sealed class AdmissionChain(IReadOnlyDictionary<string, IAdmission> byResource)
{
    public Status? Admit(AdmissionWrite write) => byResource.GetValueOrDefault(write.Request.Kind.GroupResource)?.Admit(write);

    public void Removed(ResourceKind kind, JsonObject last) => byResource.GetValueOrDefault(kind.GroupResource)?.Removed(last);
}
