using System.Globalization;

namespace Portico.Cli.Echo;

/// <summary>Durations as people write them: <c>200ms</c>, <c>1.5s</c>, <c>2m</c>; a bare number means seconds.</summary>
internal static class EchoDuration
{
    // Above it a timer refuses, and nobody means it.
    private const double LongestSeconds = 24 * 60 * 60;

    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var (digits, unit) = text switch
        {
            [.. var head, 'm', 's'] => (head, 0.001),
            [.. var head, 's'] => (head, 1),
            [.. var head, 'm'] => (head, 60),
            _ => (text, 1),
        };
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || !(number * unit <= LongestSeconds))
        {
            return false;
        }

        duration = TimeSpan.FromSeconds(number * unit);
        return true;
    }
}
