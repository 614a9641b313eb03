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

    /// <summary>A server certificate with its key.</summary>
    public static X509Certificate2 Server(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        using var bare = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>A TLS Secret whose certificate is signed by an intermediate authority that comes with it.</summary>
    public static Secret SecretWithChain(string space, string name, string subject, string authority)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("root", rootKey).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(3));
        using var parentKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var bareParent = Authority(authority, parentKey).Create(root, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2), [7]);
        using var parent = bareParent.CopyWithPrivateKey(parentKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        using var leaf = request.Create(parent, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3]);
        return new()
        {
            Metadata = new() { Namespace = space, Name = name },
            Type = Api.Objects.Secret.TlsType,
            Data = new Dictionary<string, string>
            {
                ["tls.crt"] = Base64(leaf.ExportCertificatePem() + "\n" + parent.ExportCertificatePem() + "\n"),
                ["tls.key"] = Base64(key.ExportECPrivateKeyPem()),
            },
        };
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
