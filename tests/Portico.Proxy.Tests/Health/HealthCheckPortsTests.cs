using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Net.Sockets;
using Portico.Proxy.Health;

namespace Portico.Proxy.Tests.Health;

public sealed class HealthCheckPortsTests
{
    [Fact]
    public async Task Update_PortTaken_IsToldWithTheService()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var ports = new HealthCheckPorts(new SocketFactory(), new(TimeProvider.System), NullLogger.Instance, TimeProvider.System);
        var told = new List<string>();
        ports.Refused += (service, why) => told.Add($"{service}: {why}");

        await ports.UpdateAsync([new() { Service = new("shop", "web"), HealthCheck = new(port, 1) }], [IPAddress.Loopback]);

        Assert.StartsWith($"shop/web: node health check port {port} on 127.0.0.1: ", Assert.Single(told), StringComparison.Ordinal);
    }
}
