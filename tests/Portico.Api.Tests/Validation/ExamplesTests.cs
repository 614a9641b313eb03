using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Schemas;
using Portico.Api.Validation;
using Portico.Api.Yaml;

namespace Portico.Api.Tests.Validation;

/// <summary>The repository's own manifests go through what the server checks.</summary>
public sealed class ExamplesTests
{
    [Fact]
    public void Examples_EveryManifest_IsValid()
    {
        var problems = new List<string>();
        var checkedObjects = 0;
        foreach (var file in Manifests("examples").Concat(Manifests("deploy")))
        {
            foreach (var document in YamlReader.ReadDocuments(File.ReadAllText(file)))
            {
                var item = (JsonObject)document.Root;
                if (KnownKinds.All.FirstOrDefault(kind => kind.Kind == item["kind"]?.GetValue<string>() && kind.ApiVersion == item["apiVersion"]?.GetValue<string>()) is not { } kind)
                {
                    continue;
                }

                checkedObjects++;
                problems.AddRange(Check(kind, item).Select(problem => $"{Path.GetFileName(file)}:{document.Line(problem.Field)}: {problem.Message}"));
            }
        }

        Assert.Empty(problems);
        Assert.True(checkedObjects >= 10, $"only {checkedObjects} objects were found");
    }

    private static IEnumerable<(string Field, string Message)> Check(ResourceKind kind, JsonObject item)
    {
        var findings = SchemaChecker.Check(item, KindSchemas.For(kind));
        foreach (var finding in findings.UnknownFields.Concat(findings.TypeErrors))
        {
            yield return (finding.Path, finding.Message);
        }

        if (kind.Namespaced)
        {
            ((JsonObject)item["metadata"]!).TryAdd("namespace", "default");
        }

        KindRules.PrepareForCreate(kind, item);
        foreach (var cause in ObjectRules.Validate(kind, item, null))
        {
            yield return (cause.Field!, $"{cause.Field}: {cause.Message}");
        }
    }

    private static IEnumerable<string> Manifests(string folder) => Directory.EnumerateFiles(Path.Combine(Root(), folder), "*.yaml", SearchOption.AllDirectories);

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../.."));
}
