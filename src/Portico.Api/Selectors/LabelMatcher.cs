using System.Buffers;
using Portico.Api.Objects;

namespace Portico.Api.Selectors;

/// <summary>Evaluates label selectors, both the query form (<c>app=web,tier!=db,env in (a,b),!x</c>) and the one of a spec.</summary>
public sealed class LabelMatcher
{
    public static readonly LabelMatcher Everything = new([]);

    private static readonly SearchValues<char> NotInKeys = SearchValues.Create(" ()!=,");

    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelMatcher(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    private enum Operation
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
    }

    public bool IsEverything => _requirements.Count == 0;

    /// <summary>A selector map, as in Service.spec.selector: every pair must be there.</summary>
    public static LabelMatcher From(IReadOnlyDictionary<string, string> pairs) =>
        new([.. pairs.Select(pair => new Requirement(pair.Key, Operation.In, [pair.Value]))]);

    /// <summary>An unknown operator matches nothing.</summary>
    public static LabelMatcher From(LabelSelector selector)
    {
        var requirements = selector.MatchLabels.Select(pair => new Requirement(pair.Key, Operation.In, [pair.Value])).ToList();
        foreach (var expression in selector.MatchExpressions)
        {
            requirements.Add(expression.Operator switch
            {
                "In" => new(expression.Key, Operation.In, expression.Values),
                "NotIn" => new(expression.Key, Operation.NotIn, expression.Values),
                "Exists" => new(expression.Key, Operation.Exists, []),
                "DoesNotExist" => new(expression.Key, Operation.DoesNotExist, []),
                _ => new(expression.Key, Operation.In, []),
            });
        }

        return new(requirements);
    }

    /// <summary>Reads the query form of a <c>labelSelector</c> parameter.</summary>
    public static bool TryParse(string text, out LabelMatcher matcher, out string? error)
    {
        var requirements = new List<Requirement>();
        var rest = text.AsSpan().Trim();
        matcher = Everything;
        error = null;
        while (rest.Length > 0)
        {
            var end = EndOfRequirement(rest);
            if (!TryRequirement(rest[..end].Trim(), requirements))
            {
                error = $"unable to parse requirement: \"{rest[..end].Trim()}\"";
                return false;
            }

            if (end < rest.Length && rest[(end + 1)..].Trim().Length == 0)
            {
                error = "unable to parse requirement: found \"\" after \",\"";
                return false;
            }

            rest = end < rest.Length ? rest[(end + 1)..] : [];
        }

        matcher = new(requirements);
        return true;
    }

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    private static int EndOfRequirement(ReadOnlySpan<char> text)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '(': depth++; break;
                case ')': depth--; break;
                case ',' when depth == 0: return i;
            }
        }

        return text.Length;
    }

    private static bool TryRequirement(ReadOnlySpan<char> text, List<Requirement> requirements)
    {
        if (text.StartsWith('!'))
        {
            return Add(requirements, text[1..], Operation.DoesNotExist, []);
        }

        foreach (var (token, operation) in (ReadOnlySpan<(string, Operation)>)[("!=", Operation.NotIn), ("==", Operation.In), ("=", Operation.In)])
        {
            var at = text.IndexOf(token);
            if (at > 0)
            {
                return Add(requirements, text[..at], operation, [text[(at + token.Length)..].Trim().ToString()]);
            }
        }

        var open = text.IndexOf('(');
        if (open < 0)
        {
            return Add(requirements, text, Operation.Exists, []);
        }

        var words = text[..open].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2 || !text.EndsWith(')') || words[1] is not ("in" or "notin"))
        {
            return false;
        }

        var values = text[(open + 1)..^1].ToString().Split(',', StringSplitOptions.TrimEntries);
        return Add(requirements, words[0], words[1] == "in" ? Operation.In : Operation.NotIn, values);
    }

    private static bool Add(List<Requirement> requirements, ReadOnlySpan<char> key, Operation operation, IReadOnlyList<string> values)
    {
        var name = key.Trim().ToString();
        if (name.Length == 0 || name.AsSpan().ContainsAny(NotInKeys))
        {
            return false;
        }

        requirements.Add(new(name, operation, values));
        return true;
    }

    private sealed record Requirement(string Key, Operation Operation, IReadOnlyList<string> Values)
    {
        public bool Matches(IReadOnlyDictionary<string, string> labels)
        {
            var present = labels.TryGetValue(Key, out var value);
            return Operation switch
            {
                Operation.In => present && Values.Contains(value!),
                // As upstream: an object without the key matches notin.
                Operation.NotIn => !present || !Values.Contains(value!),
                Operation.Exists => present,
                _ => !present,
            };
        }
    }
}
