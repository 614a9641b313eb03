using System.Text.Json.Nodes;
using Portico.Api.Statuses;

namespace Portico.Server.Admission;

/// <summary>What the server adds to or refuses of the objects of one kind, beyond their schema.</summary>
internal interface IAdmission
{
    /// <summary>Null when the write may go on.</summary>
    Status? Admit(AdmissionWrite write);

    /// <summary>The object is gone from the store.</summary>
    void Removed(JsonObject last);
}
