using System.Text;
using Portico.Api.Objects;

namespace Portico.Node.Containers;

/// <summary>Compiles the environment of a container.</summary>
internal static class ContainerEnvironment
{
    // As every container image has it that sets none.
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <param name="pod">With its addresses in status.</param>
    /// <returns>Null and the reason, when something that is not optional is missing.</returns>
    public static Dictionary<string, string>? Compile(Pod pod, Container container, References references, Uri apiServer, string hostname, out string error)
    {
        error = "";
        var variables = new Dictionary<string, string>
        {
            ["PATH"] = DefaultPath,
            ["HOME"] = "/root",
            ["HOSTNAME"] = hostname,
            ["KUBERNETES_SERVICE_HOST"] = apiServer.Host,
            ["KUBERNETES_SERVICE_PORT"] = $"{apiServer.Port}",
            ["KUBERNETES_SERVICE_PORT_HTTPS"] = $"{apiServer.Port}",
        };
        foreach (var source in container.EnvFrom)
        {
            if (!TryAddAll(source, references, variables, out error))
            {
                return null;
            }
        }

        foreach (var variable in container.Env)
        {
            if (!TryValue(pod, variable, references, variables, out var value, out error))
            {
                return null;
            }

            if (value is not null)
            {
                variables[variable.Name] = value;
            }
        }

        return variables;
    }

    private static bool TryAddAll(EnvFromSource source, References references, Dictionary<string, string> variables, out string error)
    {
        error = "";
        if (source.ConfigMapRef is { } map)
        {
            if (!references.ConfigMaps.TryGetValue(map.Name, out var found))
            {
                return Missing($"configmap \"{map.Name}\" not found", map.Optional, out error);
            }

            foreach (var (key, value) in found.Data)
            {
                variables[source.Prefix + key] = value;
            }
        }

        if (source.SecretRef is { } secret)
        {
            if (!references.Secrets.TryGetValue(secret.Name, out var found))
            {
                return Missing($"secret \"{secret.Name}\" not found", secret.Optional, out error);
            }

            foreach (var (key, value) in found.Data)
            {
                variables[source.Prefix + key] = Decode(value);
            }
        }

        return true;
    }

    private static bool TryValue(
        Pod pod, EnvVar variable, References references, Dictionary<string, string> variables, out string? value, out string error)
    {
        (value, error) = (null, "");
        switch (variable.ValueFrom)
        {
            case { FieldRef: { } field }:
                if (!FieldPath.TryRead(pod, field.FieldPath, out var read))
                {
                    error = $"env {variable.Name}: fieldRef \"{field.FieldPath}\" is not supported";
                    return false;
                }

                value = read;
                return true;
            case { ConfigMapKeyRef: { } key }:
                if (!references.ConfigMaps.TryGetValue(key.Name, out var map))
                {
                    return Missing($"configmap \"{key.Name}\" not found", key.Optional, out error);
                }

                return map.Data.TryGetValue(key.Key, out value)
                    || Missing($"couldn't find key {key.Key} in ConfigMap {pod.Metadata.Namespace}/{key.Name}", key.Optional, out error);
            case { SecretKeyRef: { } key }:
                if (!references.Secrets.TryGetValue(key.Name, out var secret))
                {
                    return Missing($"secret \"{key.Name}\" not found", key.Optional, out error);
                }

                if (!secret.Data.TryGetValue(key.Key, out var encoded))
                {
                    return Missing($"couldn't find key {key.Key} in Secret {pod.Metadata.Namespace}/{key.Name}", key.Optional, out error);
                }

                value = Decode(encoded);
                return true;
            case null:
                value = Expansion.Expand(variable.Value ?? "", variables);
                return true;
            default:
                error = $"env {variable.Name}: valueFrom has a source that is not supported here";
                return false;
        }
    }

    private static bool Missing(string what, bool? optional, out string error)
    {
        error = optional == true ? "" : what;
        return optional == true;
    }

    private static string Decode(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));
}
