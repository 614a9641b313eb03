using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Portico.Api.Objects;

namespace Portico.Gateway.Tests.Fakes;

internal static class Certificates
{
    /// <summary>A TLS Secret with a fresh self-signed certificate whose subject is <paramref name="subject"/>.</summary>
    public static Secret Secret(string space, string name, string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return new()
        {
            Metadata = new() { Namespace = space, Name = name },
            Type = Api.Objects.Secret.TlsType,
            Data = new Dictionary<string, string>
            {
                ["tls.crt"] = Base64(certificate.ExportCertificatePem()),
                ["tls.key"] = Base64(key.ExportPkcs8PrivateKeyPem()),
            },
        };
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
