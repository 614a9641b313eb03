using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Portico.Net.Namespaces;
using Portico.Net.Sockets;

namespace Portico.Cli.Readiness;

/// <summary>Tries addresses from inside a network namespace, as somebody there would.</summary>
internal sealed class LanProbe(NetworkNamespace from)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly SocketFactory _sockets = new(from);

    /// <summary>Null when a TCP connection was accepted, otherwise why not.</summary>
    public async Task<string?> ConnectAsync(IPEndPoint to, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            using var socket = await _sockets.ConnectAsync(to, limit.Token);
            return null;
        }
        catch (SocketException refused)
        {
            return $"{to}: {refused.Message}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"{to}: no answer within {Limit.TotalSeconds} s";
        }
    }

    /// <summary>The status code of a GET, or why there is none. Certificates are not checked: the question is who answers.</summary>
    public async Task<(HttpStatusCode? Code, string? Problem)> GetAsync(IPEndPoint to, Uri url, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, token) => new NetworkStream(await _sockets.ConnectAsync(to, token), ownsSocket: true),
#pragma warning disable CA5359 // Local test certificates are what developers have; nothing secret is sent.
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
        };
        using var http = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            using var response = await http.SendAsync(request, limit.Token);
            return (response.StatusCode, null);
        }
        catch (HttpRequestException failed)
        {
            return (null, $"{url} at {to}: {failed.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"{url} at {to}: no answer within {Limit.TotalSeconds} s");
        }
    }
}
