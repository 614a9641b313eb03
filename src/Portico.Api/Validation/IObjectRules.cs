using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>What Kubernetes fills in and refuses for one kind, metadata aside.</summary>
internal interface IObjectRules
{
    /// <summary>Fills in what clients may leave out.</summary>
    void Default(JsonObject item);

    /// <param name="item">The object with its defaults.</param>
    /// <param name="old">The stored object; its node is null on create.</param>
    /// <param name="problems">Takes what is found.</param>
    void Validate(Field item, Field old, Problems problems);
}
