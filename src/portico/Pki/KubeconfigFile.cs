using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Portico.Cli.Pki;

/// <summary>Writes a kubeconfig (0600) with everything embedded.</summary>
internal static class KubeconfigFile
{
    public static void Write(string path, string name, Uri server, X509Certificate2 authority, X509Certificate2 client, string? token)
    {
        using var key = client.GetECDsaPrivateKey()!;
        ClusterPki.Write(path, $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: {name}
              cluster:
                server: {server.GetLeftPart(UriPartial.Authority)}
                certificate-authority-data: {Base64(authority.ExportCertificatePem())}
            users:
            - name: {name}
              user:
                client-certificate-data: {Base64(client.ExportCertificatePem())}
                client-key-data: {Base64(key.ExportPkcs8PrivateKeyPem())}
            {(token is null ? "" : $"    token: {token}")}
            contexts:
            - name: {name}
              context:
                cluster: {name}
                user: {name}
            current-context: {name}

            """);
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
}
