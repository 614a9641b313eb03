using Portico.Gateway.Routing;

namespace Portico.Gateway.Tests.Routing;

/// <summary>The rules of the Ingress API, written to be read: every rule is looked at, and the best one wins.</summary>
internal static class NaiveMatcher
{
    public static RouteRule? Match(IReadOnlyList<RouteRule> rules, string host, string path)
    {
        var name = host.ToLowerInvariant();
        var owner = rules.Any(rule => rule.Host == name && name.Length > 0) ? name
            : rules.Select(rule => rule.Host).FirstOrDefault(candidate => IsWildcardOf(candidate, name)) ?? "";
        var own = rules.Where(rule => rule.Host == owner).ToList();
        return own.FirstOrDefault(rule => rule.Kind == PathKind.Exact && rule.Path == path)
            ?? own.Where(rule => rule.Kind == PathKind.Prefix && IsPrefix(rule.Path, path)).OrderByDescending(rule => Elements(rule.Path).Length).FirstOrDefault()
            ?? own.FirstOrDefault(rule => rule.Kind == PathKind.Default)
            ?? rules.FirstOrDefault(rule => rule is { Host: "", Kind: PathKind.Default });
    }

    private static bool IsWildcardOf(string rule, string host)
    {
        if (!rule.StartsWith("*.", StringComparison.Ordinal))
        {
            return false;
        }

        var labels = host.Split('.');
        return labels.Length > 1 && labels[0].Length > 0 && string.Join('.', labels[1..]) == rule[2..];
    }

    private static bool IsPrefix(string prefix, string path)
    {
        var (wanted, given) = (Elements(prefix), Elements(path));
        return wanted.Length <= given.Length && wanted.SequenceEqual(given.Take(wanted.Length));
    }

    private static string[] Elements(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);
}
