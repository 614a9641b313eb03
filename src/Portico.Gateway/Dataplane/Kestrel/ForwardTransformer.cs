using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Portico.Gateway.Dataplane.Kestrel;

/// <summary>
/// The request as the endpoint sees it: the client's headers with the original Host, and the forwarding headers as ingress-nginx writes them. What the
/// client claims in those is dropped, because nobody vouched for it.
/// </summary>
internal sealed class ForwardTransformer(KestrelExchange exchange, UpstreamCall call) : HttpTransformer
{
    // Beside those that are written anew: names by which back ends could be talked into believing the client.
    private static readonly string[] Untrusted =
    [
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Scheme", "X-Scheme", "X-Real-IP", "X-Request-ID",
        "Forwarded", "X-Forwarded-Prefix", "X-Original-URL", "X-Rewrite-URL",
        "Proxy", // CVE-2016-5385, "httpoxy"
    ];

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var headers = proxyRequest.Headers;
        foreach (var name in Untrusted)
        {
            headers.Remove(name);
        }

        DropNamedByConnection(httpContext.Request.Headers.Connection, proxyRequest);
        var connection = exchange.Connection;
        headers.TryAddWithoutValidation("X-Forwarded-For", connection.Peer);
        headers.TryAddWithoutValidation("X-Forwarded-Host", exchange.Host);
        headers.TryAddWithoutValidation("X-Forwarded-Proto", connection.Scheme);
        headers.TryAddWithoutValidation("X-Forwarded-Port", connection.Port);
        headers.TryAddWithoutValidation("X-Real-IP", connection.Peer);
        headers.TryAddWithoutValidation("X-Request-ID", exchange.RequestId);
        proxyRequest.RequestUri = call.Uri();
    }

    // RFC 9110 7.6.1: fields that Connection names are for this hop only.
    private static void DropNamedByConnection(StringValues connection, HttpRequestMessage request)
    {
        for (var i = 0; i < connection.Count; i++)
        {
            var value = connection[i];
            if (value is null || value.Equals("keep-alive", StringComparison.OrdinalIgnoreCase) || value.Equals("upgrade", StringComparison.OrdinalIgnoreCase)
                || value.Equals("close", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            foreach (var name in value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                // Host is not to be had rid of in this way.
                if (!name.Equals("Host", StringComparison.OrdinalIgnoreCase) && IsToken(name))
                {
                    request.Headers.Remove(name);
                }
            }
        }
    }

    private static bool IsToken(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or '!' or '#' or '$' or '%' or '&' or '\'' or '*' or '+' or '^' or '`' or '|' or '~'))
            {
                return false;
            }
        }

        return name.Length > 0;
    }
}
