using System.Net;
using System.Net.Sockets;
using Portico.Api.Objects;
using Portico.Api.Values;
using Portico.Node.Networks;

namespace Portico.Node.Probes;

internal sealed class SocketProber : IProber, IDisposable
{
    private readonly NodeSpace _space;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    public SocketProber(NodeSpace space, TimeProvider time)
    {
        (_space, _time) = (space, time);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (context, cancellationToken) =>
                new NetworkStream(await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken), ownsSocket: true),
#pragma warning disable CA5359 // As upstream: a probe asks whether the container answers, not who it is.
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
        });
    }

    public Task<ProbeResult> HttpGetAsync(
        HttpGetAction action, Container container, string podAddress, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (PortOf(action.Port, container) is not { } port)
        {
            return Task.FromResult(new ProbeResult(false, $"container {container.Name} has no port \"{action.Port}\""));
        }

        return LimitAsync(
            async limit =>
            {
                var path = action.Path is { Length: > 0 } given ? given : "/";
                var uri = new Uri($"{(action.Scheme ?? "HTTP").ToLowerInvariant()}://{action.Host ?? podAddress}:{port}{(path.StartsWith('/') ? "" : "/")}{path}");
                using var request = new HttpRequestMessage(HttpMethod.Get, uri);
                request.Headers.ConnectionClose = true;
                request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.33");
                request.Headers.TryAddWithoutValidation("Accept", "*/*");
                foreach (var header in action.HttpHeaders)
                {
                    request.Headers.Remove(header.Name);
                    request.Headers.TryAddWithoutValidation(header.Name, header.Value);
                }

                using var response = await _http.SendAsync(request, limit);
                var code = (int)response.StatusCode;
                return new(code is >= 200 and < 400, $"HTTP probe failed with statuscode: {code}");
            },
            timeout,
            cancellationToken);
    }

    public Task<ProbeResult> TcpSocketAsync(
        TcpSocketAction action, Container container, string podAddress, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (PortOf(action.Port, container) is not { } port)
        {
            return Task.FromResult(new ProbeResult(false, $"container {container.Name} has no port \"{action.Port}\""));
        }

        return LimitAsync(
            async limit =>
            {
                using var socket = await ConnectAsync(action.Host ?? podAddress, port, limit);
                return new(true, "");
            },
            timeout,
            cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static int? PortOf(IntOrString? port, Container container) => port switch
    {
        { IsNumber: true } number => number.Number,
        { Text: { } name } when int.TryParse(name, out var number) => number,
        { Text: { } name } => container.Ports.FirstOrDefault(candidate => candidate.Name == name)?.Port,
        _ => null,
    };

    private async Task<Socket> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var address = IPAddress.TryParse(host, out var literal) ? literal : (await System.Net.Dns.GetHostAddressesAsync(host, cancellationToken))[0];
        var socket = _space.CreateSocket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<ProbeResult> LimitAsync(Func<CancellationToken, Task<ProbeResult>> probe, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var expiry = new CancellationTokenSource(timeout, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, expiry.Token);
        try
        {
            return await probe(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(false, $"no answer within {timeout.TotalSeconds} s");
        }
        catch (Exception refused) when (refused is HttpRequestException or SocketException or IOException or UriFormatException)
        {
            return new(false, refused.InnerException?.Message ?? refused.Message);
        }
    }
}
