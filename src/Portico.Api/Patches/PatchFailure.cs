namespace Portico.Api.Patches;

/// <summary>Why a patch could not be applied, as far as an answer differs by it.</summary>
public enum PatchFailure
{
    None,

    /// <summary>The patch itself is wrong (400 Bad Request).</summary>
    Malformed,

    /// <summary>The patch does not fit this object (422 Unprocessable Entity).</summary>
    Unprocessable,

    /// <summary>A JSON Patch <c>test</c> did not hold (422, and a client may read and try again).</summary>
    TestFailed,
}
