using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Yaml;

namespace Portico.Proxy.Configuration;

/// <summary>
/// Defaults, file and flags → configuration. As upstream, a file makes most flags moot: only the node's name and the log's level still count
/// beside it, and the kubeconfig where the file has none.
/// </summary>
public static class ConfigurationReader
{
    private static readonly string[] FlagsBesideFile = ["hostname-override", "v"];

    /// <param name="file">Null: none.</param>
    /// <param name="flags">Those that were given, without dashes.</param>
    /// <param name="warnings">Gets a line for everything that was asked for and has no effect.</param>
    /// <exception cref="InvalidDataException">A field or flag is unknown or has a wrong value; the message names all of them.</exception>
    public static KubeProxyConfiguration Read(string? file, IReadOnlyDictionary<string, string> flags, ICollection<string> warnings)
    {
        var values = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        var errors = new List<string>();
        foreach (var field in ConfigurationFields.All)
        {
            if (field is { Default.Length: > 0, PortFlag: null })
            {
                values[field.Path] = field.Parse(field.Default, out _)!;
            }
        }

        var hasKubeconfig = false;
        if (file is not null)
        {
            ReadFile(file, values, errors, warnings);
            hasKubeconfig = values.ContainsKey("clientConnection.kubeconfig");
        }

        var ports = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, text) in flags)
        {
            if (file is not null && !FlagsBesideFile.Contains(name) && (name != "kubeconfig" || hasKubeconfig))
            {
                warnings.Add($"--{name} has no effect: with --config, the file decides");
            }
            else if (ConfigurationFields.All.FirstOrDefault(field => field.PortFlag == name) is { } address)
            {
                ports[name] = text;
                warnings.Add($"--{name} is deprecated: use --{address.Flag}");
            }
            else
            {
                ReadFlag(name, text, values, errors, warnings);
            }
        }

        ListenAddresses.Complete(values, ports, errors);
        ConfigurationRules.Check(values, errors);
        if (errors.Count > 0)
        {
            throw new InvalidDataException(string.Join("; ", errors));
        }

        var read = new KubeProxyConfiguration(values);
        if (read.AsksForIpvs)
        {
            warnings.Add(ProxyModes.InsteadOfIpvs);
        }

        return read;
    }

    private static void ReadFlag(string name, string text, Dictionary<string, JsonNode> values, List<string> errors, ICollection<string> warnings)
    {
        var fields = ConfigurationFields.All.Where(field => field.Flag == name).ToList();
        if (fields.Count == 0)
        {
            errors.Add($"--{name} is unknown");
        }

        foreach (var field in fields)
        {
            var value = field.Parse(text, out var error);
            if (value is null)
            {
                errors.Add($"--{name}: {error}");
                return;
            }

            values[field.Path] = value;
        }

        if (fields is [{ WithoutEffect: true }, ..])
        {
            warnings.Add($"--{name} has no effect in Portico");
        }
    }

    private static void ReadFile(string file, Dictionary<string, JsonNode> values, List<string> errors, ICollection<string> warnings)
    {
        JsonObject root;
        try
        {
            root = YamlReader.ReadAll(File.ReadAllText(file)) is [JsonObject only]
                ? only
                : throw new InvalidDataException("it must hold one document, a mapping");
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"--config {file}: {unreadable.Message}", unreadable);
        }

        if (!Is("apiVersion", KubeProxyConfiguration.ApiVersion) || !Is("kind", KubeProxyConfiguration.Kind))
        {
            throw new InvalidDataException(
                $"--config {file}: apiVersion and kind must be {KubeProxyConfiguration.ApiVersion} and {KubeProxyConfiguration.Kind}");
        }

        foreach (var (name, node) in root)
        {
            if (name is not ("apiVersion" or "kind"))
            {
                ReadField(name, node);
            }
        }

        bool Is(string name, string value) => JsonScalars.TryText(root[name], out var text) && text == value;

        void ReadField(string path, JsonNode? node)
        {
            if (ConfigurationFields.ByPath.TryGetValue(path, out var field))
            {
                Take(field, node);
            }
            else if (!ConfigurationFields.ByPath.Keys.Any(known => known.StartsWith(path + ".", StringComparison.Ordinal)))
            {
                errors.Add($"{file}: field {path} is unknown");
            }
            else if (node is JsonObject section)
            {
                foreach (var (name, inner) in section)
                {
                    ReadField($"{path}.{name}", inner);
                }
            }
            else if (node is not null)
            {
                errors.Add($"{file}: {path}: {node.ToJsonString()} is no mapping");
            }
        }

        void Take(ConfigurationField field, JsonNode? node)
        {
            var value = field.Read(node, out var error);
            if (error is not null)
            {
                errors.Add($"{file}: {field.Path}: {error}");
            }
            else if (value is not null)
            {
                if (field.WithoutEffect && value.ToJsonString() != values.GetValueOrDefault(field.Path)?.ToJsonString())
                {
                    warnings.Add($"{file}: {field.Path} has no effect in Portico");
                }

                values[field.Path] = value;
            }
        }
    }
}
