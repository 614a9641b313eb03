using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Schemas;
using Portico.Api.Validation;
using Portico.Api.Yaml;

namespace Portico.Cli.Manifests;

/// <summary>Reads manifests and checks them as the API server will, so that a wrong one is refused before anything is started or applied.</summary>
internal static class ManifestFiles
{
    /// <param name="paths">Files, or directories whose *.yaml, *.yml and *.json files are read in name order.</param>
    public static (IReadOnlyList<Manifest> Manifests, IReadOnlyList<string> Problems) Load(IReadOnlyList<string> paths)
    {
        var manifests = new List<Manifest>();
        var problems = new List<string>();
        foreach (var path in paths)
        {
            IReadOnlyList<string> files;
            if (Directory.Exists(path))
            {
                files = [.. Directory.EnumerateFiles(path).Where(IsManifest).Order(StringComparer.Ordinal)];
                if (files.Count == 0)
                {
                    problems.Add($"{path}: the directory has no .yaml, .yml or .json file");
                }
            }
            else if (File.Exists(path))
            {
                files = [path];
            }
            else
            {
                problems.Add($"{path}: there is no such file or directory");
                continue;
            }

            foreach (var file in files)
            {
                var read = Parse(file, File.ReadAllText(file));
                manifests.AddRange(read.Manifests);
                problems.AddRange(read.Problems);
            }
        }

        return (manifests, problems);
    }

    public static (IReadOnlyList<Manifest> Manifests, IReadOnlyList<string> Problems) Parse(string file, string text)
    {
        var manifests = new List<Manifest>();
        var problems = new List<string>();
        IReadOnlyList<YamlDocument> documents;
        try
        {
            documents = YamlReader.ReadDocuments(text);
        }
        catch (InvalidDataException error)
        {
            return ([], [$"{file}: {error.Message}"]);
        }

        foreach (var document in documents)
        {
            var found = Read(document, out var kind);
            if (kind is not null && found.Count == 0)
            {
                manifests.Add(new(file, document.Index, kind, document.Root.AsObject()));
            }

            foreach (var (path, message) in found)
            {
                problems.Add($"{file}: document {document.Index}: line {document.Line(path)}: {(path.Length == 0 ? "" : path + ": ")}{message}");
            }
        }

        return (manifests, problems);
    }

    private static List<(string Path, string Message)> Read(YamlDocument document, out ResourceKind? kind)
    {
        kind = null;
        if (document.Root is not JsonObject root)
        {
            return [("", "is no object: expected apiVersion, kind, metadata")];
        }

        var apiVersion = Text(root["apiVersion"]);
        var name = Text(root["kind"]);
        kind = KnownKinds.All.FirstOrDefault(known => known.ApiVersion == apiVersion && known.Kind == name);
        if (kind is null)
        {
            return name is null
                ? [("", "kind is not set")]
                : [("kind", $"no kind \"{name}\" in version \"{apiVersion}\"; this cluster serves {string.Join(", ", KnownKinds.All.Select(known => known.ToString()))}")];
        }

        var schema = SchemaChecker.Check(root, KindSchemas.For(kind));
        var problems = schema.UnknownFields.Concat(schema.TypeErrors).Select(finding => (finding.Path, finding.Message)).ToList();
        if (problems.Count > 0)
        {
            return problems;
        }

        var candidate = root.DeepClone().AsObject();
        if (kind.Namespaced && candidate["metadata"] is JsonObject metadata && metadata["namespace"] is null)
        {
            metadata["namespace"] = "default";
        }

        ObjectRules.Default(kind, candidate);
        return [.. ObjectRules.Validate(kind, candidate, null).Select(cause => (cause.Field ?? "", cause.Message ?? ""))];
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static bool IsManifest(string path) => Path.GetExtension(path) is ".yaml" or ".yml" or ".json";
}
