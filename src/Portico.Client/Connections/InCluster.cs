using System.Security.Cryptography.X509Certificates;

namespace Portico.Client.Connections;

/// <summary>Credentials of a pod: the mounted service account, and the environment's address of the API server.</summary>
public static class InCluster
{
    /// <summary>Where the service account is mounted in every pod.</summary>
    public const string Directory = "/var/run/secrets/kubernetes.io/serviceaccount";

    public static bool IsAvailable => Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } && File.Exists(Path.Combine(Directory, "token"));

    /// <exception cref="InvalidOperationException">This process runs in no pod.</exception>
    public static Credentials Load()
    {
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT") ?? "443";
        if (string.IsNullOrEmpty(host))
        {
            throw new InvalidOperationException("KUBERNETES_SERVICE_HOST is not set: this process runs in no pod; pass --kubeconfig");
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(Path.Combine(Directory, "ca.crt"));
        var token = Path.Combine(Directory, "token");
        return new()
        {
            Server = new Uri($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}"),
            Authorities = authorities,
            Token = () => File.ReadAllText(token).Trim(),
        };
    }
}
