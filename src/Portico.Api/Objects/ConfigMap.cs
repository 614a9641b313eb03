namespace Portico.Api.Objects;

public sealed record ConfigMap : IObject
{
    public string ApiVersion { get => field ?? "v1"; init; }

    public string Kind { get => field ?? "ConfigMap"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public IReadOnlyDictionary<string, string> Data { get => field ?? Empty.Map; init; }

    /// <summary>Values in base64.</summary>
    public IReadOnlyDictionary<string, string> BinaryData { get => field ?? Empty.Map; init; }
}
