namespace Portico.Api.Objects;

/// <summary>What every Kubernetes object has. Records hold only the fields that Portico reads; the stored form is raw JSON.</summary>
public interface IObject
{
    string ApiVersion { get; }

    string Kind { get; }

    ObjectMeta Metadata { get; }
}
