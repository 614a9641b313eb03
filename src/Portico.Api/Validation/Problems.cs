using System.Globalization;
using System.Text.Json.Nodes;
using Portico.Api.Statuses;

namespace Portico.Api.Validation;

/// <summary>Collects what is wrong with an object, in the words and with the reasons of apimachinery's field errors.</summary>
internal sealed class Problems
{
    private readonly List<StatusCause> _causes = [];

    public IReadOnlyList<StatusCause> Causes => _causes;

    public int Count => _causes.Count;

    public void Required(string path, string detail = "") =>
        Add("FieldValueRequired", path, detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    public void Invalid(Field field, string detail) => Invalid(field.Path, field.Node, detail);

    public void Invalid(string path, JsonNode? value, string detail) =>
        Add("FieldValueInvalid", path, $"Invalid value: {Show(value)}: {detail}");

    public void NotSupported(Field field, params IEnumerable<string> allowed) => Add(
        "FieldValueNotSupported", field.Path,
        $"Unsupported value: {Show(field.Node)}: supported values: {string.Join(", ", allowed.Select(static name => $"\"{name}\""))}");

    public void Duplicate(Field field) => Duplicate(field.Path, field.Node);

    public void Duplicate(string path, JsonNode? value) => Add("FieldValueDuplicate", path, $"Duplicate value: {Show(value)}");

    public void NotFound(Field field) => Add("FieldValueNotFound", field.Path, $"Not found: {Show(field.Node)}");

    public void Forbidden(string path, string detail) => Add("FieldValueForbidden", path, $"Forbidden: {detail}");

    public void TooLong(string path, int most) =>
        Add("FieldValueTooLong", path, string.Create(CultureInfo.InvariantCulture, $"Too long: may not be more than {most} bytes"));

    public void TooMany(string path, int actual, int most) =>
        Add("FieldValueTooMany", path, string.Create(CultureInfo.InvariantCulture, $"Too many: {actual}: must have at most {most} items"));

    private void Add(string reason, string path, string message) => _causes.Add(new() { Reason = reason, Message = message, Field = path });

    // Whole objects in an error hide the reason behind them.
    private static string Show(JsonNode? value)
    {
        var text = value?.ToJsonString(Json.ApiJson.Wire) ?? "null";
        return text.Length <= 200 ? text : $"{text.AsSpan(0, 200)}…";
    }
}
