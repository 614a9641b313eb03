using Portico.Api.Statuses;

namespace Portico.Client.Requests;

/// <summary>The API server refused a request that the caller did not expect to be refused.</summary>
public sealed class KubernetesException(Status status)
    : Exception(status.Message ?? status.Reason ?? $"HTTP {status.Code}")
{
    public Status Status { get; } = status;
}
