namespace Portico.Node.Pods;

/// <summary>Short names of pods, for interfaces (15 characters at most) and network namespaces.</summary>
internal static class PodIds
{
    private const int Length = 10;

    /// <summary>From the uid, which is unique among all clusters of the machine.</summary>
    public static string Of(string uid) => string.Concat(uid.Where(char.IsAsciiHexDigit)).ToLowerInvariant() is var digits && digits.Length > Length
        ? digits[..Length]
        : digits;
}
