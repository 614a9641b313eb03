namespace Portico.Node.Probes;

/// <param name="Message">Why it failed.</param>
internal readonly record struct ProbeResult(bool Success, string Message);
