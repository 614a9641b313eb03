using Portico.Server.Store;

namespace Portico.Server.Resources;

/// <summary>Evaluates a field selector: <c>status.phase=Running,spec.nodeName!=node1</c>.</summary>
internal sealed class FieldMatcher
{
    public static readonly FieldMatcher Everything = new([]);

    private readonly List<Requirement> _requirements;

    private FieldMatcher(List<Requirement> requirements) => _requirements = requirements;

    public bool IsEverything => _requirements.Count == 0;

    /// <param name="resource">"pods", "deployments.apps".</param>
    public static bool TryParse(string text, string resource, out FieldMatcher matcher, out string? error)
    {
        matcher = Everything;
        error = null;
        var requirements = new List<Requirement>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TryRequirement(part, out var requirement))
            {
                error = $"invalid selector: '{text}'; can't understand '{part}'";
                return false;
            }

            if (SelectableFields.Find(resource, requirement.Field) is not { } field)
            {
                error = $"field label not supported: {requirement.Field}";
                return false;
            }

            requirements.Add(requirement with { Path = field.Path, Absent = field.Absent });
        }

        matcher = new(requirements);
        return true;
    }

    public bool Matches(StoredObject item)
    {
        foreach (var requirement in _requirements)
        {
            if (Value(item, requirement) == requirement.Value != requirement.Equal)
            {
                return false;
            }
        }

        return true;
    }

    private static string Value(StoredObject item, Requirement requirement) => requirement.Field switch
    {
        "metadata.name" => item.Key.Name,
        "metadata.namespace" => item.Key.Namespace,
        _ => RawJson.Text(item.Json, requirement.Path) is { Length: > 0 } text ? text : requirement.Absent,
    };

    private static bool TryRequirement(string text, out Requirement requirement)
    {
        foreach (var (token, equal) in (ReadOnlySpan<(string, bool)>)[("!=", false), ("==", true), ("=", true)])
        {
            var at = text.IndexOf(token, StringComparison.Ordinal);
            if (at > 0)
            {
                requirement = new(text[..at].Trim(), equal, text[(at + token.Length)..].Trim());
                return true;
            }
        }

        requirement = default;
        return false;
    }

    private readonly record struct Requirement(string Field, bool Equal, string Value)
    {
        public string[] Path { get; init; } = [];

        public string Absent { get; init; } = "";
    }
}
