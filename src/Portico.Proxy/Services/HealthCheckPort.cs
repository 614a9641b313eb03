namespace Portico.Proxy.Services;

/// <summary>A healthCheckNodePort, and how many distinct local endpoints are ready (terminating ones don't count).</summary>
public sealed record HealthCheckPort(int Port, int LocalEndpoints);
