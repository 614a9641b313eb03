using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Portico.Cli.Clusters;

namespace Portico.Cli.Pki;

/// <summary>
/// The cluster's keys and certificates on disk. The CA, the service account key and the admin's certificate live as long as the cluster;
/// server and node certificates are issued anew at each start.
/// </summary>
public sealed class ClusterPki
{
    private readonly string _directory;

    private ClusterPki(string directory, CertificateAuthority authority, ECDsa serviceAccountKey)
    {
        _directory = directory;
        Authority = authority;
        ServiceAccountKey = serviceAccountKey;
    }

    public CertificateAuthority Authority { get; }

    /// <summary>Signs service account tokens (ES256).</summary>
    public ECDsa ServiceAccountKey { get; }

    public static ClusterPki LoadOrCreate(ClusterHome home, DateTimeOffset now)
    {
        PrivateDirectory(home.Root);
        PrivateDirectory(home.Pki);
        var authority = Path.Combine(home.Pki, "ca.pem");
        var accounts = Path.Combine(home.Pki, "service-accounts.pem");
        if (!File.Exists(authority))
        {
            Write(authority, Pem(CertificateAuthority.Create($"portico {home.Name}", now).Certificate));
        }

        if (!File.Exists(accounts))
        {
            using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Write(accounts, fresh.ExportPkcs8PrivateKeyPem());
        }

        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(accounts));
        return new(home.Pki, new(X509Certificate2.CreateFromPemFile(authority)), key);
    }

    /// <summary>The certificate in <paramref name="name"/>.pem, issued first when it is not there or would soon end.</summary>
    public X509Certificate2 Issue(string name, string commonName, string? organization, IReadOnlyList<string> names, DateTimeOffset now)
    {
        var path = Path.Combine(_directory, name + ".pem");
        if (File.Exists(path))
        {
            var known = X509Certificate2.CreateFromPemFile(path);
            if (known.NotAfter > now.AddDays(90).LocalDateTime)
            {
                return known;
            }
        }

        var issued = Authority.Issue(commonName, organization, names, now);
        Write(path, Pem(issued));
        return issued;
    }

    /// <summary>The bearer token of the user's kubeconfig; made once.</summary>
    public string AdminToken()
    {
        var path = Path.Combine(_directory, "admin.token");
        if (!File.Exists(path))
        {
            Write(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        }

        return File.ReadAllText(path);
    }

    /// <summary>Writes a file that only its owner may read, in one step.</summary>
    public static void Write(string path, string text)
    {
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Certificate and key, as one PEM text.</summary>
    public static string Pem(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    private static void PrivateDirectory(string path) =>
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}
