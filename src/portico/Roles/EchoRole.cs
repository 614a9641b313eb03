using Portico.Cli.Echo;

namespace Portico.Cli.Roles;

/// <summary>Image <c>portico.dev/echo:1</c>.</summary>
internal static class EchoRole
{
    public static async Task<int> RunAsync(string[] args)
    {
        using var signals = new RoleSignals();
        return await EchoCommand.RunAsync(args, signals.Token);
    }
}
