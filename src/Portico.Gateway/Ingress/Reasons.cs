namespace Portico.Gateway.Ingress;

/// <summary>Reasons of problems, as they stand in Events and in the status annotation.</summary>
internal static class Reasons
{
    public const string ServiceNotFound = "ServiceNotFound";
    public const string ServiceUnsupported = "ServiceUnsupported";
    public const string PortNotFound = "PortNotFound";
    public const string BackendInvalid = "BackendInvalid";
    public const string BackendTlsUnverified = "BackendTlsUnverified";
    public const string SecretNotFound = "SecretNotFound";
    public const string SecretInvalid = "SecretInvalid";
    public const string HostInvalid = "HostInvalid";
    public const string PathInvalid = "PathInvalid";
    public const string Conflict = "Conflict";
}
