using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Store;

namespace Portico.Server.Subresources;

/// <summary>pods/log: passed on to the agent of the pod's node, which serves the kubelet's path.</summary>
internal sealed class PodLogs : IDisposable
{
    // The kubelet's own port and path.
    private const int NodePort = 10250;

    private static readonly string[] Passed = ["follow", "tailLines", "sinceSeconds", "sinceTime", "timestamps", "previous", "limitBytes"];

    private readonly IObjectStore _store;
    private readonly HttpMessageInvoker? _nodes;

    public PodLogs(ApiServerOptions options, IObjectStore store)
    {
        _store = store;
        _nodes = options.DialNode is null ? null : new HttpMessageInvoker(Handler(options, options.DialNode));
    }

    public async Task<Answer> GetAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        if (_store.Get(request.Key) is not { } stored)
        {
            return Answer.Refuse(Refusal.NotFound(request.Kind, request.Name));
        }

        var pod = stored.Parse();
        var (container, refusal) = Container(request, pod);
        if (refusal is not null)
        {
            return Answer.Refuse(refusal);
        }

        if (pod.Text("spec", "nodeName") is not { } node)
        {
            return Answer.Refuse(Refusal.BadRequest($"pod {request.Name} does not have a host assigned"));
        }

        if (_nodes is null || Address(node) is not { } address)
        {
            return Answer.Refuse(Refusal.Unavailable($"node {node} has no InternalIP to fetch logs from"));
        }

        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Get, Url(request, address, container!));
            var response = await _nodes.SendAsync(message, cancellationToken);
            return new Relay(response);
        }
        catch (HttpRequestException failure)
        {
            return Answer.Refuse(Refusal.BadGateway($"logs of pod {request.Namespace}/{request.Name}: node {node} ({address}:{NodePort}): {failure.Message}"));
        }
    }

    public void Dispose() => _nodes?.Dispose();

    private static SocketsHttpHandler Handler(ApiServerOptions options, Func<IPEndPoint, CancellationToken, ValueTask<Stream>> dial)
    {
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        trust.CustomTrustStore.Add(options.Authority);
        return new()
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = (context, cancellationToken) => dial(
                new(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port), cancellationToken),
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = trust,
                ClientCertificates = options.NodeClientCertificate is { } certificate ? [certificate] : null,
            },
        };
    }

    private static (string? Container, Status? Refusal) Container(ResourceRequest request, JsonObject pod)
    {
        var names = pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers")).Select(static one => one.Text("name") ?? "").ToList();
        var asked = request.Context.Request.Query["container"].ToString();
        if (asked.Length > 0)
        {
            return names.Contains(asked) ? (asked, null) : (null, Refusal.BadRequest($"container {asked} is not valid for pod {request.Name}"));
        }

        return names.Count == 1
            ? (names[0], null)
            : (null, Refusal.BadRequest($"a container name must be specified for pod {request.Name}, choose one of: [{string.Join(' ', names)}]"));
    }

    private static Uri Url(ResourceRequest request, IPAddress address, string container)
    {
        var query = new StringBuilder();
        foreach (var name in Passed)
        {
            if (request.Context.Request.Query[name].ToString() is { Length: > 0 } value)
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        return new($"https://{address}:{NodePort}/containerLogs/{request.Namespace}/{request.Name}/{container}{query}");
    }

    private IPAddress? Address(string node) =>
        _store.Get(new("nodes", "", node)) is { } stored
        && IPAddress.TryParse(
            stored.Parse().Items("status", "addresses").FirstOrDefault(static one => one.Text("type") == "InternalIP").Text("address"), out var address)
            ? address
            : null;

    private sealed class Relay(HttpResponseMessage response) : Answer
    {
        public override async Task WriteAsync(HttpContext context, CancellationToken cancellationToken)
        {
            using var owned = response;
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString() ?? "text/plain";
            await using var log = await response.Content.ReadAsStreamAsync(cancellationToken);
            // The stream gives what has come, so that "logs -f" shows a line when it is written.
            var buffer = new byte[16 * 1024];
            int read;
            await context.Response.StartAsync(cancellationToken);
            while ((read = await log.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await context.Response.Body.FlushAsync(cancellationToken);
            }
        }
    }
}
