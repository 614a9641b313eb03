using System.Globalization;
using System.Text.RegularExpressions;

namespace Portico.Api.Validation;

/// <summary>The syntaxes of names in the API (apimachinery util/validation). Each check returns null, or what a valid name is.</summary>
internal static partial class Names
{
    public const int MaxLabel = 63;
    public const int MaxSubdomain = 253;

    public static string? Label(string text) =>
        text.Length > MaxLabel ? TooLong(MaxLabel)
        : LabelPattern().IsMatch(text) ? null
        : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character "
            + "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    public static string? Label1035(string text) =>
        text.Length > MaxLabel ? TooLong(MaxLabel)
        : Label1035Pattern().IsMatch(text) ? null
        : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric "
            + "character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    public static string? Subdomain(string text) =>
        text.Length > MaxSubdomain ? TooLong(MaxSubdomain)
        : SubdomainPattern().IsMatch(text) ? null
        : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric "
            + "character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    /// <summary>"*.example.com".</summary>
    public static string? WildcardSubdomain(string text) =>
        text.Length > MaxSubdomain ? TooLong(MaxSubdomain)
        : text.StartsWith("*.", StringComparison.Ordinal) && SubdomainPattern().IsMatch(text.AsSpan(2)) ? null
        : "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, "
            + "'-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is "
            + "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    /// <summary>A label or annotation key, a finalizer: "app" or "example.com/app".</summary>
    public static string? Qualified(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var name = text.AsSpan(slash + 1);
        if (slash == 0)
        {
            return "prefix part must be non-empty";
        }

        if (name.Contains('/'))
        {
            return $"a qualified name {QualifiedRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
        }

        if (slash > 0 && Subdomain(text[..slash]) is { } prefix)
        {
            return $"prefix part {prefix}";
        }

        return name.IsEmpty ? "name part must be non-empty"
            : name.Length > MaxLabel ? $"name part {TooLong(MaxLabel)}"
            : QualifiedPattern().IsMatch(name) ? null
            : $"name part {QualifiedRule}";
    }

    public static string? LabelValue(string text) =>
        text.Length > MaxLabel ? TooLong(MaxLabel)
        : LabelValuePattern().IsMatch(text) ? null
        : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
            + "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    /// <summary>A named port (IANA service name).</summary>
    public static string? PortName(string text)
    {
        if (text.Length is 0 or > 15)
        {
            return text.Length == 0 ? "must not be empty" : TooLong(15);
        }

        return !PortNamePattern().IsMatch(text) ? "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
            : !text.AsSpan().ContainsAnyInRange('a', 'z') ? "must contain at least one letter (a-z)"
            : text.Contains("--", StringComparison.Ordinal) ? "must not contain consecutive hyphens"
            : text[0] == '-' || text[^1] == '-' ? "must not begin or end with a hyphen"
            : null;
    }

    /// <summary>The name of an environment variable: anything printable but "=".</summary>
    public static string? EnvName(string text) =>
        EnvNamePattern().IsMatch(text)
            ? text is "." or ".." ? $"must not be '{text}'" : null
            : "a valid environment variable name must consist only of printable ASCII characters other than '='";

    /// <summary>A key of a ConfigMap or Secret.</summary>
    public static string? ConfigKey(string text) =>
        text.Length > MaxSubdomain ? TooLong(MaxSubdomain)
        : !ConfigKeyPattern().IsMatch(text)
            ? "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', "
                + "regex used for validation is '[-._a-zA-Z0-9]+')"
        : text is "." or ".." ? $"must not be '{text}'"
        : text.StartsWith("..", StringComparison.Ordinal) ? "must not start with '..'"
        : null;

    /// <summary>The name of an object that appears as one segment of a URL.</summary>
    public static string? PathSegment(string text) =>
        text is "." or ".." ? $"may not be '{text}'"
        : text.Contains('/', StringComparison.Ordinal) ? "may not contain '/'"
        : text.Contains('%', StringComparison.Ordinal) ? "may not contain '%'"
        : null;

    private const string QualifiedRule =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  "
        + "or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private static string TooLong(int most) => string.Create(CultureInfo.InvariantCulture, $"must be no more than {most} bytes");

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label1035Pattern();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex SubdomainPattern();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex QualifiedPattern();

    [GeneratedRegex(@"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValuePattern();

    [GeneratedRegex(@"^[-a-z0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex PortNamePattern();

    [GeneratedRegex(@"^[ -<>-~]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex EnvNamePattern();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex ConfigKeyPattern();
}
