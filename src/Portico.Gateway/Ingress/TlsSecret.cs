using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Portico.Api.Objects;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <summary>Reads the certificate of a Secret: <c>tls.crt</c> (leaf first, then its chain) and <c>tls.key</c>.</summary>
internal static class TlsSecret
{
    public static bool TryRead(Secret secret, [NotNullWhen(true)] out ServerCertificate? certificate, out string problem)
    {
        certificate = null;
        var source = $"{secret.Metadata.Namespace}/{secret.Metadata.Name}";
        if (!TryGet(secret, "tls.crt", out var pem, out problem) || !TryGet(secret, "tls.key", out var key, out problem))
        {
            return false;
        }

        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(pem);
            if (chain.Count == 0)
            {
                problem = "data[tls.crt] holds no certificate";
                return false;
            }

            using var bare = X509Certificate2.CreateFromPem(pem, key);
            // A key that came from PEM is not always usable by the TLS stack; through PKCS#12 it is.
            var leaf = X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
            chain.RemoveAt(0);
            certificate = new(source, SslStreamCertificateContext.Create(leaf, chain, offline: true));
            return true;
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or ArgumentException)
        {
            problem = $"tls.crt and tls.key make no certificate: {unreadable.Message}";
            return false;
        }
    }

    private static bool TryGet(Secret secret, string name, out string text, out string problem)
    {
        (text, problem) = ("", "");
        if (!secret.Data.TryGetValue(name, out var base64) || base64.Length == 0)
        {
            problem = $"data[{name}] is missing";
            return false;
        }

        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var length))
        {
            problem = $"data[{name}] is no base64";
            return false;
        }

        text = Encoding.UTF8.GetString(bytes, 0, length);
        return true;
    }
}
