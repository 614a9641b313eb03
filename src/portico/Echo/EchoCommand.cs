using System.Net.Sockets;

namespace Portico.Cli.Echo;

/// <summary><c>portico echo</c>, the built-in image <c>portico.dev/echo:1</c>: tells a client what reached the pod.</summary>
public static class EchoCommand
{
    /// <param name="args">What follows the verb.</param>
    /// <param name="stop">SIGTERM or Ctrl-C: begins the graceful end.</param>
    /// <returns>0 after a graceful end; 1 when a port could not be had; 2 for wrong arguments.</returns>
    public static async Task<int> RunAsync(string[] args, CancellationToken stop)
    {
        if (EchoOptions.TryParse(args, out var error) is not { } options)
        {
            await Console.Error.WriteLineAsync($"{error}\n{EchoOptions.Usage}");
            return 2;
        }

        var identity = EchoIdentity.FromEnvironment();
        await using var server = new EchoServer(options, identity, TimeProvider.System);
        try
        {
            await server.StartAsync(stop);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            await Console.Error.WriteLineAsync($"echo: {failure.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }

        Console.WriteLine($"echo: {identity.Pod} answers HTTP on {server.HttpPort}, TCP on {server.TcpPort}, UDP on {server.UdpPort}");
        await server.RunAsync(stop);
        return 0;
    }
}
