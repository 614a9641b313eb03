using System.Text.Json;
using System.Text.Json.Serialization;
using Portico.Proxy;

namespace Portico.Cli.Clusters;

/// <summary>How a cluster was made; kept in cluster.json so that <c>up</c> without options starts it as it was left.</summary>
public sealed record ClusterSpec
{
    public required int Nodes { get; init; }

    [JsonConverter(typeof(ProxyModeConverter))]
    public required ProxyMode ProxyMode { get; init; }

    public required int ApiPort { get; init; }

    public required int HttpPort { get; init; }

    public required int HttpsPort { get; init; }

    /// <summary>Directory of the store.</summary>
    public required string Data { get; init; }

    /// <summary>Null when the cluster was never made.</summary>
    /// <exception cref="InvalidDataException">The file is there but can't be read as one of ours.</exception>
    public static ClusterSpec? Load(ClusterHome home)
    {
        if (!File.Exists(home.SpecFile))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(home.SpecFile), ClusterJson.Default.ClusterSpec);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{home.SpecFile}: {error.Message}; repair it, or remove the cluster with: portico down --name {home.Name} --purge", error);
        }
    }

    public void Save(ClusterHome home)
    {
        Directory.CreateDirectory(home.Root);
        File.WriteAllBytes(home.SpecFile, JsonSerializer.SerializeToUtf8Bytes(this, ClusterJson.Default.ClusterSpec));
    }
}

/// <summary>In lower case, as on the command line.</summary>
internal sealed class ProxyModeConverter() : JsonStringEnumConverter<ProxyMode>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ClusterSpec))]
[JsonSerializable(typeof(ClusterOwner))]
internal sealed partial class ClusterJson : JsonSerializerContext;
