namespace Portico.Api.Objects;

public sealed record Secret : IObject
{
    /// <summary>Secret type that holds <c>tls.crt</c> and <c>tls.key</c>.</summary>
    public const string TlsType = "kubernetes.io/tls";

    public string ApiVersion { get => field ?? "v1"; init; }

    public string Kind { get => field ?? "Secret"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public string? Type { get; init; }

    /// <summary>Values in base64.</summary>
    public IReadOnlyDictionary<string, string> Data { get => field ?? Empty.Map; init; }

    // A record's ToString prints every property: a Secret must not.
    public override string ToString() => $"Secret {Metadata.Namespace}/{Metadata.Name}";
}
