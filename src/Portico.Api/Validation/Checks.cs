using System.Globalization;
using Portico.Api.Values;

namespace Portico.Api.Validation;

/// <summary>Checks that many kinds share. An absent value passes; <see cref="Need"/> is for what must be there.</summary>
internal static class Checks
{
    public static bool Need(Field field, Problems problems, string detail = "")
    {
        if (!field.IsEmpty)
        {
            return true;
        }

        problems.Required(field.Path, detail);
        return false;
    }

    public static void OneOf(Field field, Problems problems, params ReadOnlySpan<string> allowed)
    {
        if (field.Text is { } text && !allowed.Contains(text))
        {
            problems.NotSupported(field, allowed.ToArray());
        }
    }

    public static void Range(Field field, Problems problems, long least, long most)
    {
        if (field.Number is { } number && (number < least || number > most))
        {
            problems.Invalid(field, string.Create(CultureInfo.InvariantCulture, $"must be between {least} and {most}, inclusive"));
        }
    }

    public static void Port(Field field, Problems problems) => Range(field, problems, 1, 65535);

    public static void NonNegative(Field field, Problems problems)
    {
        if (field.Number < 0)
        {
            problems.Invalid(field, "must be greater than or equal to 0");
        }
    }

    public static void Positive(Field field, Problems problems)
    {
        if (field.Number <= 0)
        {
            problems.Invalid(field, "must be greater than 0");
        }
    }

    /// <summary>Applies a check of <see cref="Names"/> to a text that is there.</summary>
    public static void Name(Field field, Problems problems, Func<string, string?> check)
    {
        if (field.Text is { } text && check(text) is { } wrong)
        {
            problems.Invalid(field, wrong);
        }
    }

    /// <summary>A number of a port, or the name of one.</summary>
    public static void PortOrName(Field field, Problems problems)
    {
        if (field.IsText)
        {
            Name(field, problems, Names.PortName);
        }
        else
        {
            Port(field, problems);
        }
    }

    /// <summary>A count that may be a percentage.</summary>
    public static void CountOrPercent(Field field, Problems problems)
    {
        if (!field.IsText)
        {
            NonNegative(field, problems);
        }
        else if (Percent(field) is null)
        {
            problems.Invalid(field, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
        }
    }

    /// <summary>The percentage, or null when the value is none.</summary>
    public static int? Percent(Field field) =>
        field.Text is [.. var digits, '%'] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? percent : null;

    /// <summary>Resource amounts by name: none may be negative.</summary>
    public static void Amounts(Field amounts, Problems problems)
    {
        foreach (var (name, value) in amounts.Entries)
        {
            if (Names.Qualified(name) is { } wrong)
            {
                problems.Invalid(value.Path, System.Text.Json.Nodes.JsonValue.Create(name), wrong);
            }

            if (Amount(value) < 0)
            {
                problems.Invalid(value, "must be greater than or equal to 0");
            }
        }
    }

    public static decimal? Amount(Field value) =>
        value.Text is { } text ? Quantity.TryParse(text, out var amount) ? amount : null
        : value.Node is not null && decimal.TryParse(value.Node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : null;

    public static void Immutable(Field field, Field old, Problems problems, string detail = "field is immutable")
    {
        if (!field.Same(old))
        {
            problems.Invalid(field, detail);
        }
    }
}
