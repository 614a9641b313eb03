using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Portico.Api.Yaml;

namespace Portico.Client.Connections;

/// <summary>Reads a kubeconfig file.</summary>
public static class Kubeconfig
{
    /// <param name="context">Null: the file's current-context.</param>
    /// <exception cref="InvalidDataException">The file is no usable kubeconfig; the message names the file and what is missing.</exception>
    public static Credentials Load(string path, string? context = null)
    {
        try
        {
            return Read(path, context);
        }
        catch (Exception error) when (error is FormatException or System.Security.Cryptography.CryptographicException or FileNotFoundException
            or DirectoryNotFoundException || (error is InvalidDataException && !error.Message.Contains(path, StringComparison.Ordinal)))
        {
            throw new InvalidDataException($"kubeconfig {path}: {error.Message}", error);
        }
    }

    private static Credentials Read(string path, string? context)
    {
        var root = YamlReader.ReadAll(File.ReadAllText(path)) is [JsonObject first, ..]
            ? first
            : throw new InvalidDataException($"kubeconfig {path}: no mapping at the top");
        var name = context ?? Text(root["current-context"]) ?? throw new InvalidDataException($"kubeconfig {path}: current-context is not set");
        var chosen = Entry(path, root, "contexts", name, "context");
        var cluster = Entry(path, root, "clusters", Text(chosen["cluster"]) ?? "", "cluster");
        var user = Text(chosen["user"]) is { Length: > 0 } userName ? Entry(path, root, "users", userName, "user") : [];
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var server = Text(cluster["server"]) ?? throw new InvalidDataException($"kubeconfig {path}: cluster {Text(chosen["cluster"])} has no server");
        if (!Uri.TryCreate(server, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new InvalidDataException($"kubeconfig {path}: cluster {Text(chosen["cluster"])}: server \"{server}\" is no http or https URL");
        }

        if (user["auth-provider"] is not null)
        {
            throw new InvalidDataException($"kubeconfig {path}: user {Text(chosen["user"])}: auth-provider is no more in Kubernetes: use exec, a token or a certificate");
        }

        var authorities = new X509Certificate2Collection();
        if (Pem(cluster, "certificate-authority", directory) is { } ca)
        {
            authorities.ImportFromPem(ca);
        }

        return new()
        {
            Server = address,
            Authorities = authorities,
            ClientCertificate = ClientCertificate(user, directory),
            Token = Token(user, directory),
            Plugin = user["exec"] is JsonObject exec ? new(KubeconfigExec.Read(exec, cluster, directory), TimeProvider.System) : null,
            TlsServerName = Text(cluster["tls-server-name"]),
            InsecureSkipTlsVerify = cluster["insecure-skip-tls-verify"] is JsonValue skip && skip.TryGetValue<bool>(out var skips) && skips,
        };
    }

    private static X509Certificate2? ClientCertificate(JsonObject user, string directory)
    {
        if (Pem(user, "client-certificate", directory) is not { } certificate || Pem(user, "client-key", directory) is not { } key)
        {
            return null;
        }

        return X509Certificate2.CreateFromPem(certificate, key);
    }

    private static Func<string?>? Token(JsonObject user, string directory)
    {
        if (Text(user["tokenFile"]) is { } file)
        {
            var path = Path.Combine(directory, file);
            return () => File.ReadAllText(path).Trim();
        }

        return Text(user["token"]) is { } token ? () => token : null;
    }

    private static string? Pem(JsonObject entry, string field, string directory)
    {
        if (Text(entry[field + "-data"]) is { } data)
        {
            try
            {
                return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException)
            {
                throw new InvalidDataException($"{field}-data is not base64");
            }
        }

        return Text(entry[field]) is { } file ? File.ReadAllText(Path.Combine(directory, file)) : null;
    }

    private static JsonObject Entry(string path, JsonObject root, string list, string name, string field)
    {
        foreach (var item in root[list] as JsonArray ?? [])
        {
            if (item is JsonObject entry && Text(entry["name"]) == name && entry[field] is JsonObject value)
            {
                return value;
            }
        }

        throw new InvalidDataException($"kubeconfig {path}: {list} has no entry named \"{name}\"");
    }

    internal static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
}
