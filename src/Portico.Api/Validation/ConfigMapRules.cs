using System.Text;
using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>core/v1 ConfigMap.</summary>
internal sealed class ConfigMapRules : IObjectRules
{
    public const int MaxSize = 1024 * 1024;

    public void Default(JsonObject item)
    {
        // Upstream has none.
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        var size = 0L;
        foreach (var (key, value) in item["data"].Entries)
        {
            Key(key, value, problems);
            size += Encoding.UTF8.GetByteCount(value.Text ?? "");
            if (item["binaryData"].Object?.ContainsKey(key) == true)
            {
                problems.Invalid(value.Path, JsonValue.Create(key), "duplicate of key present in binaryData");
            }
        }

        foreach (var (key, value) in item["binaryData"].Entries)
        {
            Key(key, value, problems);
            size += DecodedLength(value.Text);
        }

        if (size > MaxSize)
        {
            problems.TooLong("", MaxSize);
        }

        Frozen(item, old, problems, "data", "binaryData");
    }

    public static void Key(string key, Field value, Problems problems)
    {
        if (Names.ConfigKey(key) is { } wrong)
        {
            problems.Invalid(value.Path, JsonValue.Create(key), wrong);
        }
    }

    /// <summary>Once immutable is true, it and the data stay.</summary>
    public static void Frozen(Field item, Field old, Problems problems, params ReadOnlySpan<string> names)
    {
        if (old["immutable"].Flag != true)
        {
            return;
        }

        if (item["immutable"].Flag != true)
        {
            problems.Forbidden("immutable", "field is immutable when `immutable` is set");
        }

        foreach (var name in names)
        {
            if (!item[name].Same(old[name]))
            {
                problems.Forbidden(name, "field is immutable when `immutable` is set");
            }
        }
    }

    public static long DecodedLength(string? base64)
    {
        var text = base64.AsSpan().TrimEnd('=');
        return text.Length * 3L / 4;
    }
}
