using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Dataplane;

/// <summary>The certificate for names that nobody gave one for: self-signed and new with each start, so that it can't be taken for a real one.</summary>
internal static class DefaultCertificate
{
    public static ServerCertificate Create(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Portico gateway default certificate", key, HashAlgorithmName.SHA256);
        var now = time.GetUtcNow();
        using var bare = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        var certificate = X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
        return new("(default)", SslStreamCertificateContext.Create(certificate, null, offline: true));
    }
}
