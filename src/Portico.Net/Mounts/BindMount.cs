namespace Portico.Net.Mounts;

/// <summary>A file or directory of the machine at another path.</summary>
/// <param name="Source">Exists; absolute.</param>
/// <param name="Target">Absolute.</param>
public sealed record BindMount(string Source, string Target, bool ReadOnly = false);
