using Portico.Cli.Echo;

namespace Portico.Cli.Roles;

/// <summary>Image <c>portico.dev/echo:1</c>.</summary>
internal static class EchoRole
{
    public static async Task<int> RunAsync(string[] args)
    {
        using var process = new RoleProcess();
        return await EchoCommand.RunAsync(args, process.Token);
    }
}
