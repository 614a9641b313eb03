namespace Portico.Node.Containers;

/// <param name="ExitCode">Null: it did not end in time.</param>
/// <param name="Output">The first 10 KiB of both outputs.</param>
internal readonly record struct ExecResult(int? ExitCode, string Output);
