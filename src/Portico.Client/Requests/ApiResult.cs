using Portico.Api.Statuses;

namespace Portico.Client.Requests;

/// <summary>What the API server answered: an object, or a Status that says why not.</summary>
public readonly record struct ApiResult<T>
    where T : class
{
    private ApiResult(T? value, Status? failure) => (Value, Failure) = (value, failure);

    /// <summary>Null exactly when <see cref="Failure"/> is set.</summary>
    public T? Value { get; }

    public Status? Failure { get; }

    public bool IsNotFound => Failure is { Reason: StatusReasons.NotFound };

    public bool IsAlreadyExists => Failure is { Reason: StatusReasons.AlreadyExists };

    public bool IsConflict => Failure is { Reason: StatusReasons.Conflict };

    public static ApiResult<T> Success(T value) => new(value, null);

    public static ApiResult<T> Failed(Status status) => new(null, status);

    /// <exception cref="KubernetesException">The server refused.</exception>
    public T OrThrow() => Value ?? throw new KubernetesException(Failure!);
}
