using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Portico.Cli.Echo;

/// <summary>What <c>portico echo</c> was asked for. Port 0 takes a free one.</summary>
internal sealed record EchoOptions
{
    public const string Usage =
        """
        usage: portico echo [--http-port 8080] [--tcp-port 7777] [--udp-port 7777] [--address ADDRESS]
                            [--shutdown-delay 1500ms] [--tcp-greeting] [--udp-name]
        """;

    /// <summary>All addresses of both families unless told otherwise.</summary>
    public IPAddress Address { get; init; } = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    /// <summary>HTTP/1.1 and, by prior knowledge, cleartext HTTP/2.</summary>
    public int HttpPort { get; init; } = 8080;

    public int TcpPort { get; init; } = 7777;

    public int UdpPort { get; init; } = 7777;

    /// <summary>How long new connections are still accepted after the end was announced: load balancers learn of it a moment later.</summary>
    public TimeSpan ShutdownDelay { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>A TCP connection begins with a line that names the pod.</summary>
    public bool TcpGreeting { get; init; }

    /// <summary>A UDP answer begins with the pod's name and a space.</summary>
    public bool UdpName { get; init; }

    /// <param name="error">What is wrong and with which option, when the result is null.</param>
    public static EchoOptions? TryParse(string[] args, out string? error)
    {
        var options = new EchoOptions();
        error = null;
        for (var i = 0; i < args.Length; i++)
        {
            var (name, value) = args[i].IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (args[i][..at], args[i][(at + 1)..]) : (args[i], null);
            if (name is "--tcp-greeting" or "--udp-name")
            {
                options = name == "--tcp-greeting" ? options with { TcpGreeting = true } : options with { UdpName = true };
                continue;
            }

            value ??= ++i < args.Length ? args[i] : null;
            if (Set(options, name, value) is not { } next)
            {
                error = value is null ? $"echo: {name} needs a value" : $"echo: {name} {value}: not an option, or not a value that it takes";
                return null;
            }

            options = next;
        }

        return options;
    }

    private static EchoOptions? Set(EchoOptions options, string name, string? value) => name switch
    {
        "--http-port" => Port(value) is { } port ? options with { HttpPort = port } : null,
        "--tcp-port" => Port(value) is { } port ? options with { TcpPort = port } : null,
        "--udp-port" => Port(value) is { } port ? options with { UdpPort = port } : null,
        "--address" => IPAddress.TryParse(value, out var address) ? options with { Address = address } : null,
        "--shutdown-delay" => EchoDuration.TryParse(value, out var delay) ? options with { ShutdownDelay = delay } : null,
        _ => null,
    };

    private static int? Port(string? value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort ? port : null;
}
