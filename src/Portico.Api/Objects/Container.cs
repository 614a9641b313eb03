using Portico.Api.Values;

namespace Portico.Api.Objects;

public sealed record Container
{
    public string Name { get => field ?? ""; init; }

    public string? Image { get; init; }

    public IReadOnlyList<string> Command { get => field ?? []; init; }

    public IReadOnlyList<string> Args { get => field ?? []; init; }

    public string? WorkingDir { get; init; }

    public IReadOnlyList<ContainerPort> Ports { get => field ?? []; init; }

    public IReadOnlyList<EnvVar> Env { get => field ?? []; init; }

    public IReadOnlyList<EnvFromSource> EnvFrom { get => field ?? []; init; }

    public ResourceRequirements? Resources { get; init; }

    public Probe? LivenessProbe { get; init; }

    public Probe? ReadinessProbe { get; init; }

    public Probe? StartupProbe { get; init; }

    public Lifecycle? Lifecycle { get; init; }

    public IReadOnlyList<VolumeMount> VolumeMounts { get => field ?? []; init; }

    public string? TerminationMessagePath { get; init; }
}

public sealed record ContainerPort
{
    public string? Name { get; init; }

    [System.Text.Json.Serialization.JsonPropertyName("containerPort")]
    public int Port { get; init; }

    public int? HostPort { get; init; }

    /// <summary>TCP (default), UDP or SCTP.</summary>
    public string? Protocol { get; init; }
}

public sealed record VolumeMount
{
    public string Name { get => field ?? ""; init; }

    public string MountPath { get => field ?? ""; init; }

    public string? SubPath { get; init; }

    public bool? ReadOnly { get; init; }
}

public sealed record EnvVar
{
    public string Name { get => field ?? ""; init; }

    public string? Value { get; init; }

    public EnvVarSource? ValueFrom { get; init; }
}

public sealed record EnvVarSource
{
    public ObjectFieldSelector? FieldRef { get; init; }

    public KeySelector? ConfigMapKeyRef { get; init; }

    public KeySelector? SecretKeyRef { get; init; }
}

public sealed record ObjectFieldSelector
{
    public string FieldPath { get => field ?? ""; init; }
}

public sealed record KeySelector
{
    public string Name { get => field ?? ""; init; }

    public string Key { get => field ?? ""; init; }

    public bool? Optional { get; init; }
}

public sealed record EnvFromSource
{
    public string? Prefix { get; init; }

    public LocalReference? ConfigMapRef { get; init; }

    public LocalReference? SecretRef { get; init; }
}

public sealed record LocalReference
{
    public string Name { get => field ?? ""; init; }

    public bool? Optional { get; init; }
}

public sealed record Probe
{
    public HttpGetAction? HttpGet { get; init; }

    public TcpSocketAction? TcpSocket { get; init; }

    public ExecAction? Exec { get; init; }

    /// <summary>Seconds; 0 when absent.</summary>
    public int? InitialDelaySeconds { get; init; }

    /// <summary>Seconds; 10 when absent.</summary>
    public int? PeriodSeconds { get; init; }

    /// <summary>Seconds; 1 when absent.</summary>
    public int? TimeoutSeconds { get; init; }

    public int? SuccessThreshold { get; init; }

    public int? FailureThreshold { get; init; }
}

public sealed record HttpGetAction
{
    public string? Path { get; init; }

    public IntOrString? Port { get; init; }

    public string? Host { get; init; }

    /// <summary>HTTP (default) or HTTPS.</summary>
    public string? Scheme { get; init; }

    public IReadOnlyList<HttpHeader> HttpHeaders { get => field ?? []; init; }
}

public sealed record HttpHeader
{
    public string Name { get => field ?? ""; init; }

    public string Value { get => field ?? ""; init; }
}

public sealed record TcpSocketAction
{
    public IntOrString? Port { get; init; }

    public string? Host { get; init; }
}

public sealed record ExecAction
{
    public IReadOnlyList<string> Command { get => field ?? []; init; }
}
