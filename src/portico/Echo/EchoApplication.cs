using System.Globalization;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Portico.Cli.Echo;

/// <summary>Chooses the answer to one HTTP request.</summary>
internal sealed class EchoApplication(EchoIdentity identity, TimeProvider time, CancellationToken draining) : IHttpApplication<HttpContext>
{
    /// <summary>Names the pod on every answer, also on those that are no JSON.</summary>
    public const string PodHeader = "X-Echo-Pod";

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // Nothing is held beside the connection.
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        if (draining.IsCancellationRequested)
        {
            // "Connection: close" in HTTP/1.1, GOAWAY in HTTP/2: the client's next request goes elsewhere.
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }

        context.Response.Headers[PodHeader] = identity.Pod;
        try
        {
            await AnswerAsync(context);
        }
        catch (Exception gone) when (context.RequestAborted.IsCancellationRequested && gone is OperationCanceledException or IOException)
        {
            // The client went away in the middle.
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var stop = context.RequestAborted;
        if (GrpcEcho.Wants(context.Request))
        {
            await GrpcEcho.RunAsync(context);
            return;
        }

        if (!EchoPlan.TryParse(context.Request.Query, out var plan, out var error))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync($"echo: {error}\n", stop);
            return;
        }

        if (plan.Delay > TimeSpan.Zero)
        {
            await Task.Delay(plan.Delay, time, stop);
        }

        if (await WebSocketEcho.TryRunAsync(context))
        {
            return;
        }

        context.Response.StatusCode = plan.Status;
        if (context.Request.Path == "/echo-body")
        {
            await BodyEcho.StreamBackAsync(context);
        }
        else if (plan.Size is { } size)
        {
            await BodyEcho.WriteFillAsync(context.Response, size, stop);
        }
        else if (plan.Lines is { } lines)
        {
            await WriteLinesAsync(context.Response, lines, plan.Interval, stop);
        }
        else if (context.Request.Path == "/healthz")
        {
            await context.Response.WriteAsync("ok\n", stop);
        }
        else
        {
            await BodyEcho.DescribeAsync(context, identity);
        }
    }

    private async Task WriteLinesAsync(HttpResponse response, int lines, TimeSpan interval, CancellationToken stop)
    {
        response.ContentType = "text/plain; charset=utf-8";
        for (var line = 1; line <= lines; line++)
        {
            await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{line} {identity.Pod}\n"), stop);
            await response.BodyWriter.FlushAsync(stop);
            if (line < lines && interval > TimeSpan.Zero)
            {
                await Task.Delay(interval, time, stop);
            }
        }
    }
}
