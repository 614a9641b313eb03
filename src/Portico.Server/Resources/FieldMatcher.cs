using Portico.Api.Selectors;
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
        if (!FieldSelector.TryParse(text, out var terms, out error))
        {
            return false;
        }

        var requirements = new List<Requirement>();
        foreach (var term in terms)
        {
            if (SelectableFields.Find(resource, term.Path) is not { } field)
            {
                error = $"field label not supported: {term.Path}";
                return false;
            }

            requirements.Add(new(term, field.Path, field.Absent));
        }

        matcher = new(requirements);
        return true;
    }

    public bool Matches(StoredObject item)
    {
        foreach (var requirement in _requirements)
        {
            if (Value(item, requirement) == requirement.Term.Value != requirement.Term.Equal)
            {
                return false;
            }
        }

        return true;
    }

    private static string Value(StoredObject item, Requirement requirement) => requirement.Term.Path switch
    {
        "metadata.name" => item.Key.Name,
        "metadata.namespace" => item.Key.Namespace,
        _ => RawJson.Text(item.Json, requirement.Path) is { Length: > 0 } text ? text : requirement.Absent,
    };

    private readonly record struct Requirement(FieldTerm Term, string[] Path, string Absent);
}
