using System.Globalization;

namespace Portico.Api.Selectors;

/// <summary>One condition on one label.</summary>
internal sealed record LabelRequirement(string Key, LabelOperation Operation, IReadOnlyList<string> Values)
{
    /// <param name="value">Null when the object has no such label.</param>
    public bool Matches(string? value) => Operation switch
    {
        LabelOperation.In => value is not null && Values.Contains(value),
        // As upstream: an object without the key matches notin.
        LabelOperation.NotIn => value is null || !Values.Contains(value),
        LabelOperation.Exists => value is not null,
        LabelOperation.DoesNotExist => value is null,
        LabelOperation.Greater => TryNumber(value, out var number) && TryNumber(Values[0], out var limit) && number > limit,
        _ => TryNumber(value, out var number) && TryNumber(Values[0], out var limit) && number < limit,
    };

    public static bool TryNumber(string? text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
