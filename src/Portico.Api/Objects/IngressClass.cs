namespace Portico.Api.Objects;

public sealed record IngressClass : IObject
{
    /// <summary>Annotation that makes a class the default one when its value is "true".</summary>
    public const string DefaultAnnotation = "ingressclass.kubernetes.io/is-default-class";

    public string ApiVersion { get => field ?? "networking.k8s.io/v1"; init; }

    public string Kind { get => field ?? "IngressClass"; init; }

    public ObjectMeta Metadata { get => field ?? new(); init; }

    public IngressClassSpec Spec { get => field ?? new(); init; }
}

public sealed record IngressClassSpec
{
    public string? Controller { get; init; }
}
