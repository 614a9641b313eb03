using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Portico.Gateway.Dataplane.Kestrel;

/// <summary>An exchange on Kestrel, forwarded by YARP's forwarder.</summary>
internal sealed class KestrelExchange(HttpContext context, ConnectionFacts connection, ForwarderConfigs configs, IHttpForwarder forwarder) : Exchange
{
    private readonly IHttpRequestFeature _request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
    private string? _requestId;

    public override ConnectionFacts Connection => connection;

    public override string Method => _request.Method;

    public override string Target => _request.RawTarget;

    public override string Host => context.Request.Host.Value ?? "";

    public override string Protocol => _request.Protocol;

    public override bool HasBody => context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;

    public override bool IsWebSocket { get; } = IsWebSocketRequest(context);

    public override string? ContentType => context.Request.ContentType;

    public override string RequestId => _requestId ??= RequestIds.Choose(context.Request.Headers["X-Request-ID"]);

    public override int Status => context.Response.StatusCode;

    public override void CloseAfterResponse()
    {
        if (!IsWebSocket && !HttpProtocol.IsHttp2(_request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }
    }

    public override async Task AnswerAsync(LocalAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = "application/json";
        response.Headers["X-Request-ID"] = RequestId;
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteNumber("status", answer.Status);
            json.WriteString("message", answer.Message);
            json.WriteString("host", Host);
            json.WriteString("path", WithoutQuery(Target));
            json.WriteString("requestId", RequestId);
            json.WriteEndObject();
        }

        response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(Method))
        {
            // Without the client's token: to a client that left, Kestrel drops the bytes in silence.
            await response.BodyWriter.WriteAsync(body.WrittenMemory, CancellationToken.None);
        }
    }

    public override async Task<bool> ForwardAsync(UpstreamCall call)
    {
        // The invoker is only a shell around the call; the connections belong to the pool.
        using var invoker = new HttpMessageInvoker(call, disposeHandler: false);
        var error = await forwarder.SendAsync(
            context, call.IsTls ? "https://endpoint" : "http://endpoint", invoker, configs.Of(call.Kind), new ForwardTransformer(this, call));
        return error == ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested
            || context.Response.StatusCode is not (StatusCodes.Status502BadGateway or StatusCodes.Status504GatewayTimeout);
    }

    private static bool IsWebSocketRequest(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true }
        || (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            && "websocket".Equals(context.Request.Headers.Upgrade, StringComparison.OrdinalIgnoreCase));

    // Queries may hold secrets, and an error page gets copied around.
    private static string WithoutQuery(string target) => target.IndexOf('?') is >= 0 and var query ? target[..query] : target;
}
