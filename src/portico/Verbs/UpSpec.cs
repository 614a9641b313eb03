using System.Net.Sockets;
using Portico.Cli.Clusters;
using Portico.Cli.Relays;
using Portico.Proxy;
using Portico.Proxy.Configuration;

namespace Portico.Cli.Verbs;

/// <summary>Joins the command line with what the cluster was made with, and checks it.</summary>
internal static class UpSpec
{
    /// <returns>The spec, or a sentence that names the option and what is wrong with it.</returns>
    public static (ClusterSpec? Spec, string? Problem) Resolve(ClusterHome home, UpOptions options)
    {
        var left = ClusterSpec.Load(home);
        var mode = left?.ProxyMode ?? ProxyMode.Nftables;
        if (options.ProxyMode is { } name && !ProxyModes.TryParse(name, out mode))
        {
            return (null, $"--proxy-mode {name}: {ProxyModes.Expected}");
        }

        var spec = new ClusterSpec
        {
            Nodes = options.Nodes ?? left?.Nodes ?? 2,
            ProxyMode = mode,
            ApiPort = Port(options.ApiPort, left?.ApiPort, ClusterAddresses.ApiPort),
            HttpPort = Port(options.HttpPort, left?.HttpPort, 8080),
            HttpsPort = Port(options.HttpsPort, left?.HttpsPort, 8443),
            Data = options.Data is { } data ? Path.GetFullPath(data) : left?.Data ?? home.DefaultData,
        };
        if (spec.Nodes is < 1 or > ClusterAddresses.MaxNodes)
        {
            return (null, $"--nodes {spec.Nodes}: a cluster has 1 to {ClusterAddresses.MaxNodes} nodes");
        }

        foreach (var (port, option) in (ReadOnlySpan<(int, string)>)[(spec.ApiPort, "--api-port"), (spec.HttpPort, "--http-port"), (spec.HttpsPort, "--https-port")])
        {
            if (port is < 1 or > 65535)
            {
                return (null, $"{option} {port}: a port is 1 to 65535, or 0 for a free one");
            }

            if (Unusable(port) is { } why)
            {
                return (null, $"port {port} on 127.0.0.1 can't be used ({why}): choose another with {option} N, or {option} 0 for a free one");
            }
        }

        return Writable(spec.Data) is { } problem ? (null, problem) : (spec, null);
    }

    private static int Port(int? asked, int? left, int standard) => asked switch
    {
        0 => FreePort(),
        { } port => port,
        null => left ?? standard,
    };

    private static int FreePort()
    {
        using var socket = TcpRelay.Listen(0);
        return ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static string? Unusable(int port)
    {
        try
        {
            TcpRelay.Listen(port).Dispose();
            return null;
        }
        catch (SocketException taken)
        {
            return taken.Message;
        }
    }

    private static string? Writable(string data)
    {
        try
        {
            Directory.CreateDirectory(data);
            var probe = Path.Combine(data, ".probe");
            File.WriteAllText(probe, "portico");
            File.Delete(probe);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"data directory {data} can't be written ({error.Message}): free space there, mend its rights, or choose another with --data DIR";
        }
    }
}
