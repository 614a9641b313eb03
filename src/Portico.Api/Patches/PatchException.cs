namespace Portico.Api.Patches;

/// <summary>Leaves the recursion of a patch; never leaves this folder.</summary>
internal sealed class PatchException(string message) : Exception(message);
