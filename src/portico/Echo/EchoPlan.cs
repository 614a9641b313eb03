using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Portico.Cli.Echo;

/// <summary>How the query asks to be answered.</summary>
/// <param name="Status"><c>?status=503</c></param>
/// <param name="Delay"><c>?delay=200ms</c>, before the first byte.</param>
/// <param name="Size"><c>?size=N</c>: N bytes instead of the description.</param>
/// <param name="Lines"><c>?stream=N</c>: N lines, each sent on its own.</param>
/// <param name="Interval"><c>&amp;interval=1s</c> between two lines.</param>
internal sealed record EchoPlan(int Status, TimeSpan Delay, long? Size, int? Lines, TimeSpan Interval)
{
    private static readonly EchoPlan Default = new(StatusCodes.Status200OK, TimeSpan.Zero, null, null, TimeSpan.Zero);

    public static bool TryParse(IQueryCollection query, out EchoPlan plan, out string? error)
    {
        plan = Default;
        error = null;
        foreach (var (name, values) in query)
        {
            var value = values.ToString();
            if (Set(plan, name, value) is not { } next)
            {
                error = $"query parameter {name}: \"{value}\" is not a value that it takes";
                return false;
            }

            plan = next;
        }

        return true;
    }

    // A parameter that means nothing here belongs to the test that sent it.
    private static EchoPlan? Set(EchoPlan plan, string name, string value) => name switch
    {
        "status" => Number(value) is >= 200 and <= 599 and var status ? plan with { Status = (int)status } : null,
        "delay" => EchoDuration.TryParse(value, out var delay) ? plan with { Delay = delay } : null,
        "size" => Number(value) is { } size ? plan with { Size = size } : null,
        "stream" => Number(value) is <= int.MaxValue and var lines ? plan with { Lines = (int)lines } : null,
        "interval" => EchoDuration.TryParse(value, out var interval) ? plan with { Interval = interval } : null,
        _ => plan,
    };

    private static long? Number(string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
