using Portico.Api.Objects;

namespace Portico.Api.Statuses;

/// <summary>meta/v1 Status: what the API answers when there is no object to answer with.</summary>
public sealed record Status
{
    public string ApiVersion { get => field ?? "v1"; init; }

    public string Kind { get => field ?? "Status"; init; }

    public ListMeta Metadata { get => field ?? new(); init; }

    /// <summary>Success or Failure.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("status")]
    public string Outcome { get => field ?? ""; init; }

    public string? Message { get; init; }

    public string? Reason { get; init; }

    public StatusDetails? Details { get; init; }

    /// <summary>HTTP status code.</summary>
    public int Code { get; init; }
}

public sealed record StatusDetails
{
    public string? Name { get; init; }

    public string? Group { get; init; }

    public string? Kind { get; init; }

    public string? Uid { get; init; }

    public IReadOnlyList<StatusCause> Causes { get => field ?? []; init; }

    public int? RetryAfterSeconds { get; init; }
}

public sealed record StatusCause
{
    /// <summary>Such as FieldValueInvalid, FieldValueRequired, FieldValueNotSupported, FieldValueDuplicate, FieldValueForbidden.</summary>
    public string? Reason { get; init; }

    public string? Message { get; init; }

    /// <summary>Path of the field, as <c>spec.ports[0].nodePort</c>.</summary>
    public string? Field { get; init; }
}
