namespace Portico.Gateway.Routing;

/// <summary>A certificate for one host name, "*.name", or "" for clients that name no host we know.</summary>
internal sealed record CertificateRule(string Host, ServerCertificate Certificate);
