using System.Globalization;

namespace Portico.Server.Tables;

/// <summary>Durations as kubectl shows them: never more than two units, three digits (apimachinery util/duration).</summary>
internal static class HumanDuration
{
    public static string Format(TimeSpan duration)
    {
        if (duration < TimeSpan.FromSeconds(-1))
        {
            return "<invalid>";
        }

        var seconds = Math.Max(0, (long)duration.TotalSeconds);
        var (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
        return (seconds, minutes, hours, days) switch
        {
            ( < 120, _, _, _) => Text(seconds, 's'),
            (_, < 10, _, _) => Two(minutes, 'm', seconds % 60, 's'),
            (_, < 180, _, _) => Text(minutes, 'm'),
            (_, _, < 8, _) => Two(hours, 'h', minutes % 60, 'm'),
            (_, _, < 48, _) => Text(hours, 'h'),
            (_, _, _, < 8) => Two(days, 'd', hours % 24, 'h'),
            (_, _, _, < 730) => Text(days, 'd'),
            (_, _, _, < 2920) => Two(days / 365, 'y', days % 365, 'd'),
            _ => Text(days / 365, 'y'),
        };
    }

    private static string Two(long first, char firstUnit, long second, char secondUnit) =>
        second == 0 ? Text(first, firstUnit) : Text(first, firstUnit) + Text(second, secondUnit);

    private static string Text(long value, char unit) => value.ToString(CultureInfo.InvariantCulture) + unit;
}
