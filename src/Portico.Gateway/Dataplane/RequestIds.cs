using System.Globalization;

namespace Portico.Gateway.Dataplane;

/// <summary>X-Request-ID: the client's own, when it is harmless to repeat in headers and logs.</summary>
internal static class RequestIds
{
    private const int Longest = 128;

    public static string Choose(string? given) =>
        given is { Length: > 0 and <= Longest } && IsHarmless(given) ? given : string.Create(CultureInfo.InvariantCulture, $"{Random.Shared.NextInt64():x16}{Random.Shared.NextInt64():x16}");

    private static bool IsHarmless(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or ':' or '/' or '+' or '='))
            {
                return false;
            }
        }

        return true;
    }
}
