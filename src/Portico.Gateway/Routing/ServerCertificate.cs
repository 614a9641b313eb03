using System.Net.Security;

namespace Portico.Gateway.Routing;

/// <summary>A certificate with its chain, ready for handshakes. Made once for each change of its source, compared by reference.</summary>
/// <param name="source">Namespace and name of where it comes from, for messages.</param>
internal sealed class ServerCertificate(string source, SslStreamCertificateContext context)
{
    public string Source { get; } = source;

    /// <summary>Shared by all handshakes: that is what lets the TLS stack keep its own context and resume sessions.</summary>
    public SslServerAuthenticationOptions Options { get; } = new()
    {
        ServerCertificateContext = context,
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        ClientCertificateRequired = false,
    };

    public SslStreamCertificateContext Context { get; } = context;
}
