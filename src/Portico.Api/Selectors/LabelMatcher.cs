using System.Text.Json.Nodes;
using Portico.Api.Json;
using Portico.Api.Objects;

namespace Portico.Api.Selectors;

/// <summary>Evaluates label selectors, both the query form (<c>app=web,tier!=db,env in (a,b),!x</c>) and the one of a spec.</summary>
public sealed class LabelMatcher
{
    public static readonly LabelMatcher Everything = new([]);

    private readonly IReadOnlyList<LabelRequirement> _requirements;

    private LabelMatcher(IReadOnlyList<LabelRequirement> requirements) => _requirements = requirements;

    public bool IsEverything => _requirements.Count == 0;

    /// <summary>A selector map, as in Service.spec.selector: every pair must be there.</summary>
    public static LabelMatcher From(IReadOnlyDictionary<string, string> pairs) =>
        new([.. pairs.Select(static pair => new LabelRequirement(pair.Key, LabelOperation.In, [pair.Value]))]);

    /// <summary>An unknown operator matches nothing.</summary>
    public static LabelMatcher From(LabelSelector selector)
    {
        var requirements = selector.MatchLabels.Select(static pair => new LabelRequirement(pair.Key, LabelOperation.In, [pair.Value])).ToList();
        foreach (var expression in selector.MatchExpressions)
        {
            requirements.Add(expression.Operator switch
            {
                "In" => new(expression.Key, LabelOperation.In, expression.Values),
                "NotIn" => new(expression.Key, LabelOperation.NotIn, expression.Values),
                "Exists" => new(expression.Key, LabelOperation.Exists, []),
                "DoesNotExist" => new(expression.Key, LabelOperation.DoesNotExist, []),
                _ => new(expression.Key, LabelOperation.In, []),
            });
        }

        return new(requirements);
    }

    /// <summary>Reads the query form of a <c>labelSelector</c> parameter.</summary>
    public static bool TryParse(string text, out LabelMatcher matcher, out string? error)
    {
        var read = LabelSelectorText.TryRead(text, out var requirements, out error);
        matcher = read ? new(requirements) : Everything;
        return read;
    }

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels.TryGetValue(requirement.Key, out var value) ? value : null))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The same on raw labels; null is an object without labels.</summary>
    public bool Matches(JsonObject? labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(JsonScalars.TryText(labels?[requirement.Key], out var value) ? value : null))
            {
                return false;
            }
        }

        return true;
    }
}
