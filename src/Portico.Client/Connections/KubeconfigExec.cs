using System.Text.Json.Nodes;

namespace Portico.Client.Connections;

/// <summary>Reads <c>users[].user.exec</c> of a kubeconfig.</summary>
internal static class KubeconfigExec
{
    private static readonly string[] ApiVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

    /// <param name="directory">Of the kubeconfig: relative commands and files are relative to it.</param>
    /// <exception cref="InvalidDataException">It cannot be used; the caller names the file.</exception>
    public static ExecPluginOptions Read(JsonObject exec, JsonObject cluster, string directory)
    {
        var command = Kubeconfig.Text(exec["command"]) ?? throw new InvalidDataException("exec has no command");
        var apiVersion = Kubeconfig.Text(exec["apiVersion"]);
        if (apiVersion is null || !ApiVersions.Contains(apiVersion))
        {
            throw new InvalidDataException($"exec {command}: apiVersion is \"{apiVersion}\", which must be {string.Join(" or ", ApiVersions)}");
        }

        if (Kubeconfig.Text(exec["interactiveMode"]) == "Always")
        {
            throw new InvalidDataException($"exec {command}: interactiveMode Always needs a person at a terminal, who is not here");
        }

        return new()
        {
            // A bare name is looked up in PATH; a relative path begins at the kubeconfig.
            Command = command.Contains('/', StringComparison.Ordinal) ? Path.Combine(directory, command) : command,
            Arguments = [.. Items(exec["args"]).Select(static item => item?.ToString() ?? "")],
            Environment = Items(exec["env"]).OfType<JsonObject>().ToDictionary(
                static entry => Kubeconfig.Text(entry["name"]) ?? throw new InvalidDataException("exec: env has an entry without a name"),
                static entry => Kubeconfig.Text(entry["value"]) ?? ""),
            ApiVersion = apiVersion,
            InstallHint = Kubeconfig.Text(exec["installHint"]),
            Cluster = exec["provideClusterInfo"] is JsonValue asked && asked.TryGetValue<bool>(out var provide) && provide ? ClusterInfo(cluster, directory) : null,
        };
    }

    // v1 Cluster of client.authentication.k8s.io, whose names are the kubeconfig's own.
    private static JsonObject ClusterInfo(JsonObject cluster, string directory)
    {
        var info = new JsonObject();
        foreach (var name in new[] { "server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url" })
        {
            if (cluster[name] is { } value)
            {
                info[name] = value.DeepClone();
            }
        }

        if (!info.ContainsKey("certificate-authority-data") && Kubeconfig.Text(cluster["certificate-authority"]) is { } file)
        {
            info["certificate-authority-data"] = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(directory, file)));
        }

        foreach (var extension in Items(cluster["extensions"]).OfType<JsonObject>())
        {
            if (Kubeconfig.Text(extension["name"]) == "client.authentication.k8s.io/exec")
            {
                info["config"] = extension["extension"]?.DeepClone();
            }
        }

        return info;
    }

    private static JsonArray Items(JsonNode? node) => node as JsonArray ?? [];
}
