using System.Net.Sockets;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Dataplane;

/// <summary>
/// Sends one request to an endpoint, and to the next one where that can do no harm. It stands where the forwarder expects a handler, so that several
/// attempts are one call to it.
/// </summary>
internal sealed class UpstreamCall : HttpMessageHandler
{
    /// <summary>Attempts in all, as nginx' proxy_next_upstream_tries in ingress-nginx.</summary>
    private const int MaxTries = 3;

    private static readonly UriCreationOptions AsReceived = new() { DangerousDisablePathAndQueryCanonicalization = true };
    private static readonly TimeSpan AvoidFor = TimeSpan.FromSeconds(1);

    private readonly Exchange _exchange;
    private readonly Route _route;
    private readonly UpstreamPool _pool;
    private readonly TimeProvider _time;
    private BackendEndpoint _endpoint;

    /// <param name="endpoint">The first choice.</param>
    public UpstreamCall(Exchange exchange, Route route, BackendEndpoint endpoint, UpstreamPool pool, TimeProvider time)
    {
        (_exchange, _route, _endpoint, _pool, _time) = (exchange, route, endpoint, pool, time);
        Kind = KindOf(exchange, route.Backend!.Protocol);
        _endpoint.Begin();
    }

    public UpstreamKind Kind { get; }

    public bool IsTls => _route.Backend!.Protocol == BackendProtocol.HttpsUnverified;

    /// <summary>The address that the last attempt went to.</summary>
    public BackendEndpoint Endpoint => _endpoint;

    /// <summary>The last failure, for the log.</summary>
    public string? Failure { get; private set; }

    /// <summary>Where the request goes now: the endpoint's address, and path and query as received.</summary>
    public Uri Uri()
    {
        var target = _exchange.Target;
        var start = RequestPath.OriginStart(target);
        var origin = start < 0 || start >= target.Length ? "/" : target.AsSpan(start);
        var slash = origin[0] == '/' ? "" : "/";
        return new($"{(IsTls ? "https://" : "http://")}{_endpoint.Authority}{slash}{origin}", in AsReceived);
    }

    /// <summary>The request is over, with or without success.</summary>
    public void End() => _endpoint.End();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await _pool.SendAsync(request, IsTls, cancellationToken);
            }
            catch (Exception failure) when ((failure is HttpRequestException or OperationCanceledException) && !cancellationToken.IsCancellationRequested)
            {
                Failure = (failure.InnerException ?? failure).Message;
                if (attempt == MaxTries || !TryNext(failure))
                {
                    throw;
                }

                _route.Metrics.Retried();
                request.RequestUri = Uri();
            }
        }
    }

    private static UpstreamKind KindOf(Exchange exchange, BackendProtocol protocol)
    {
        if (exchange.IsWebSocket)
        {
            return UpstreamKind.WebSocket;
        }

        if (protocol == BackendProtocol.HttpsUnverified)
        {
            return UpstreamKind.Tls;
        }

        if (exchange.ContentType is { } type && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
            && !type.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase))
        {
            return UpstreamKind.Grpc;
        }

        return protocol == BackendProtocol.H2c ? UpstreamKind.H2c : UpstreamKind.Http;
    }

    private static bool NeverConnected(Exception failure) => failure switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError } => true,
        // SocketsHttpHandler tells a connect timeout in this way, as long as our own token is not cancelled.
        OperationCanceledException { InnerException: TimeoutException } => true,
        _ => false,
    };

    /// <returns>False when another attempt could do harm, or has nowhere to go.</returns>
    private bool TryNext(Exception failure)
    {
        var now = _time.GetTimestamp();
        var neverConnected = NeverConnected(failure);
        if (neverConnected)
        {
            _endpoint.AvoidUntil(now + (long)(AvoidFor.TotalSeconds * _time.TimestampFrequency));
        }
        else if (!IsRepeatable(failure))
        {
            return false;
        }

        var next = Balancer.Pick(_route.Backend!, _endpoint, now, Random.Shared);
        if (next is null || (neverConnected && ReferenceEquals(next, _endpoint)))
        {
            return false;
        }

        _endpoint.End();
        next.Begin();
        _endpoint = next;
        return true;
    }

    // The connection broke before a response head. The endpoint may have acted already: only what may be done twice is sent again.
    private bool IsRepeatable(Exception failure) =>
        failure is HttpRequestException { StatusCode: null } broken
        && (broken.HttpRequestError == HttpRequestError.ResponseEnded || broken.InnerException is IOException or SocketException)
        && !_exchange.HasBody
        && (_exchange.Method is "GET" or "HEAD" or "OPTIONS" or "TRACE" or "PUT" or "DELETE");
}
