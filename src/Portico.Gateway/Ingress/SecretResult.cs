using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <summary>A Secret as the gateway can use it: a certificate, or why not.</summary>
internal sealed record SecretResult(ServerCertificate? Certificate, string Problem);
