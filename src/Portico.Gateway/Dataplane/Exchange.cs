namespace Portico.Gateway.Dataplane;

/// <summary>
/// One request and its response, whatever engine carries them. Routing, filters and upstream code see only this; one adapter per engine implements it.
/// </summary>
internal abstract class Exchange
{
    public abstract ConnectionFacts Connection { get; }

    public abstract string Method { get; }

    /// <summary>The request target as received.</summary>
    public abstract string Target { get; }

    /// <summary>The Host header or :authority as received; may carry a port.</summary>
    public abstract string Host { get; }

    /// <summary>"HTTP/1.1", "HTTP/2".</summary>
    public abstract string Protocol { get; }

    public abstract bool HasBody { get; }

    /// <summary>A WebSocket, by upgrade or by extended CONNECT.</summary>
    public abstract bool IsWebSocket { get; }

    public abstract string? ContentType { get; }

    /// <summary>The client's X-Request-ID when it is a sane one, otherwise our own.</summary>
    public abstract string RequestId { get; }

    /// <summary>Status of the response, as far as it is known.</summary>
    public abstract int Status { get; }

    /// <summary>Asks the client to open a new connection for its next request.</summary>
    public abstract void CloseAfterResponse();

    public abstract Task AnswerAsync(LocalAnswer answer);

    /// <summary>Sends the request by <paramref name="call"/> and the response back, both streaming, until both ended.</summary>
    /// <returns>False when no endpoint answered and nothing was sent to the client: <see cref="Status"/> says 502 or 504, and an answer is still possible.</returns>
    public abstract Task<bool> ForwardAsync(UpstreamCall call);
}
