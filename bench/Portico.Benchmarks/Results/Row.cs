namespace Portico.Benchmarks.Results;

/// <param name="Bar">What it has to be, or empty.</param>
/// <param name="Kept">Null when there is no bar.</param>
internal sealed record Row(string What, string Value, string Bar = "", bool? Kept = null);
