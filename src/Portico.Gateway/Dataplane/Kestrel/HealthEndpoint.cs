using System.Text;
using Microsoft.AspNetCore.Http;
using Portico.Gateway.Metrics;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Dataplane.Kestrel;

/// <summary>/healthz: ready to serve; /livez: the process answers; /metrics.</summary>
internal sealed class HealthEndpoint(GatewayState state, MetricsRegistry metrics, Draining draining)
{
    public Task HandleAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/healthz" or "/readyz" when draining.HasBegun => AnswerAsync(context, 503, "draining\n"),
        "/healthz" or "/readyz" when !state.IsComplete => AnswerAsync(context, 503, "no snapshot yet: waiting for the Kubernetes API\n"),
        "/healthz" or "/readyz" or "/livez" => AnswerAsync(context, 200, "ok\n"),
        "/metrics" => AnswerAsync(context, 200, metrics.ToText(state.Current)),
        "/routes" => AnswerAsync(context, 200, state.Current.Routes.ToText()),
        _ => AnswerAsync(context, 404, "try /healthz, /livez, /metrics or /routes\n"),
    };

    private static async Task AnswerAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
    }
}
