using System.Text;
using Portico.Api.Objects;
using Portico.Node.Containers;

namespace Portico.Node.Volumes;

/// <summary>Compiles a volume into its files.</summary>
internal static class VolumeFiles
{
    /// <returns>Content by relative path; null and the reason when something is missing. An emptyDir has no files.</returns>
    public static SortedDictionary<string, byte[]>? Compile(Volume volume, References references, out string error)
    {
        error = "";
        switch (volume)
        {
            case { ConfigMap: { } source }:
                if (!references.ConfigMaps.TryGetValue(source.Name, out var map))
                {
                    return Missing($"configmap \"{source.Name}\" not found", source.Optional, out error);
                }

                var texts = map.Data.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetBytes(entry.Value));
                foreach (var (key, value) in map.BinaryData)
                {
                    texts[key] = Convert.FromBase64String(value);
                }

                return Select(texts, source.Items, source.Optional, $"configmap \"{source.Name}\"", out error);
            case { Secret: { } source }:
                return references.Secrets.TryGetValue(source.SecretName, out var secret)
                    ? Select(
                        secret.Data.ToDictionary(entry => entry.Key, entry => Convert.FromBase64String(entry.Value)),
                        source.Items, source.Optional, $"secret \"{source.SecretName}\"", out error)
                    : Missing($"secret \"{source.SecretName}\" not found", source.Optional, out error);
            case { EmptyDir: not null }:
                return [];
            default:
                error = $"volume \"{volume.Name}\": only configMap, secret and emptyDir volumes work on this node";
                return null;
        }
    }

    private static SortedDictionary<string, byte[]>? Select(
        Dictionary<string, byte[]> data, IReadOnlyList<KeyToPath> items, bool? optional, string owner, out string error)
    {
        error = "";
        if (items.Count == 0)
        {
            return new(data, StringComparer.Ordinal);
        }

        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (item.Path.StartsWith('/') || item.Path.Split('/').Contains(".."))
            {
                error = $"{owner}: path \"{item.Path}\" leads out of the volume";
                return null;
            }

            if (data.TryGetValue(item.Key, out var content))
            {
                files[item.Path] = content;
            }
            else if (optional != true)
            {
                error = $"{owner} references non-existent config key: {item.Key}";
                return null;
            }
        }

        return files;
    }

    private static SortedDictionary<string, byte[]>? Missing(string what, bool? optional, out string error)
    {
        error = optional == true ? "" : what;
        return optional == true ? [] : null;
    }
}
