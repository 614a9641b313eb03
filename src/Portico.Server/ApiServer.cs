using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Portico.Server.Hosting;

namespace Portico.Server;

/// <summary>A small Kubernetes API server: one process, one store, HTTPS only.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _host;

    private ApiServer(WebApplication host) => _host = host;

    /// <summary>Returns when requests are answered.</summary>
    /// <exception cref="IOException">The store cannot be opened; the message names the file.</exception>
    public static async Task<ApiServer> StartAsync(ApiServerOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var host = HttpHost.Build(options, AnswerAsync, loggers);
        await host.StartAsync(cancellationToken);
        return new(host);
    }

    /// <summary>Ends open watches, finishes writes that were begun, closes the store.</summary>
    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    private static Task AnswerAsync(HttpContext context)
    {
        context.Response.StatusCode = context.Request.Path == "/readyz" ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
