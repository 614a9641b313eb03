namespace Portico.Net.Processes;

public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <exception cref="IOException">The exit code is not 0; the message is <paramref name="what"/> and the program's own words.</exception>
    public CommandResult OrThrow(string what) =>
        ExitCode == 0 ? this : throw new IOException($"{what}: {(Error.Length > 0 ? Error : Output).Trim()}");
}
