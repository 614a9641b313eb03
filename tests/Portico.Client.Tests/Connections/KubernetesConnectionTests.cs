using System.Net;
using Portico.Client.Connections;

namespace Portico.Client.Tests.Connections;

public sealed class KubernetesConnectionTests
{
    [Fact]
    public async Task Send_TlsServerName_IsTheNameThatTheHandlerChecks()
    {
        var handler = new Recorder();
        using var connection = new KubernetesConnection(new() { Server = new("https://10.0.0.1:6443"), TlsServerName = "kubernetes" }, handler);

        using var response = await connection.SendAsync(HttpMethod.Get, "/readyz", null, null, TestContext.Current.CancellationToken);

        Assert.Equal("kubernetes", handler.Host);
    }

    private sealed class Recorder : HttpMessageHandler
    {
        public string? Host { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Host = request.Headers.Host;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
