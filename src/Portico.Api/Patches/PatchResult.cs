using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Portico.Api.Patches;

/// <summary>A patched object, which shares nothing with the original or the patch, or the reason why there is none.</summary>
public sealed record PatchResult
{
    private PatchResult(JsonObject? patched, string? error, PatchFailure failure)
    {
        Object = patched;
        Error = error;
        Failure = failure;
    }

    public JsonObject? Object { get; }

    public string? Error { get; }

    public PatchFailure Failure { get; }

    [MemberNotNullWhen(true, nameof(Object))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Object is not null;

    internal static PatchResult Ok(JsonObject patched) => new(patched, null, PatchFailure.None);

    internal static PatchResult Fail(PatchFailure failure, string error) => new(null, error, failure);
}
