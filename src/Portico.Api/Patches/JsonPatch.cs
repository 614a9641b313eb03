using System.Text.Json.Nodes;
using Portico.Api.Json;

namespace Portico.Api.Patches;

/// <summary>JSON Patch (RFC 6902). All operations hold or none does.</summary>
public static class JsonPatch
{
    /// <summary>As upstream's limit: a larger patch is refused before anything is done.</summary>
    public const int MaxOperations = 10_000;

    /// <summary>Nodes that a patch may put into the document in all: bounds repeated copies of the document into itself.</summary>
    private const int MaxNodes = 200_000;

    public static PatchResult Apply(JsonObject original, JsonNode? patch)
    {
        if (patch is not JsonArray operations)
        {
            return PatchResult.Fail(PatchFailure.Malformed, "a JSON patch is a list of operations");
        }

        if (operations.Count > MaxOperations)
        {
            return PatchResult.Fail(PatchFailure.Malformed, $"the JSON patch has {operations.Count} operations, more than {MaxOperations}");
        }

        if (JsonDepth.Exceeds(patch))
        {
            return JsonDepth.Refused;
        }

        JsonNode? document = original.DeepClone();
        var budget = MaxNodes;
        for (var i = 0; i < operations.Count; i++)
        {
            if (operations[i] is not JsonObject operation || !JsonScalars.TryText(operation["op"], out var op))
            {
                return PatchResult.Fail(PatchFailure.Malformed, $"operation {i}: an object with \"op\" is expected");
            }

            if (!JsonScalars.TryText(operation["path"], out var path) || !JsonPointer.TryParse(path, out var target))
            {
                return PatchResult.Fail(PatchFailure.Malformed, $"operation {i}: \"path\" is no JSON pointer");
            }

            var result = Run(op, operation, target, ref document, ref budget);
            if (result is not null)
            {
                return PatchResult.Fail(result.Value.Failure, $"operation {i}: {op} {path}: {result.Value.Error}");
            }
        }

        return document is JsonObject patched
            ? PatchResult.Ok(patched)
            : PatchResult.Fail(PatchFailure.Unprocessable, "the patch leaves no object");
    }

    private static (PatchFailure Failure, string Error)? Run(
        string op, JsonObject operation, JsonPointer target, ref JsonNode? document, ref int budget)
    {
        switch (op)
        {
            case "add" or "replace" or "test" when !operation.ContainsKey("value"):
                return (PatchFailure.Malformed, "\"value\" is missing");
            case "test":
                return target.TryGet(document, out var found) && JsonNode.DeepEquals(found, operation["value"])
                    ? null
                    : (PatchFailure.TestFailed, "the test failed");
            case "add":
                return TooMuch(operation["value"], target, ref budget) ?? Problem(target.Add(ref document, operation["value"]?.DeepClone()));
            case "replace":
                return TooMuch(operation["value"], target, ref budget) ?? Problem(target.Replace(ref document, operation["value"]?.DeepClone()));
            case "remove":
                return Problem(target.Remove(ref document, out _));
            case "move" or "copy":
                break;
            default:
                return (PatchFailure.Malformed, "unknown operation");
        }

        if (!JsonScalars.TryText(operation["from"], out var text) || !JsonPointer.TryParse(text, out var from))
        {
            return (PatchFailure.Malformed, "\"from\" is no JSON pointer");
        }

        if (op == "move" && from.Contains(target))
        {
            return (PatchFailure.Malformed, "a value can't be moved into itself");
        }

        if (!from.TryGet(document, out var source))
        {
            return (PatchFailure.Unprocessable, $"{text} does not exist");
        }

        if (TooMuch(source, target, ref budget) is { } refused)
        {
            return refused;
        }

        return op == "copy"
            ? Problem(target.Add(ref document, source?.DeepClone()))
            : Problem(from.Remove(ref document, out var moved) ?? target.Add(ref document, moved));
    }

    // Checked before every insertion, so that nothing can ever be nested deeply enough to use up the stack.
    private static (PatchFailure, string)? TooMuch(JsonNode? value, JsonPointer target, ref int budget)
    {
        if (JsonDepth.Exceeds(value, JsonDepth.Max - target.Depth))
        {
            return (PatchFailure.Malformed, $"the result is nested deeper than {JsonDepth.Max} levels");
        }

        budget -= JsonSize.Count(value);
        return budget < 0 ? (PatchFailure.Malformed, "the patch makes the object too large") : null;
    }

    private static (PatchFailure, string)? Problem(string? error) => error is null ? null : (PatchFailure.Unprocessable, error);
}
