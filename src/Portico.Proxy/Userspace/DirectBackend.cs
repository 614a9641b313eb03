using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>
/// Listens on the frontends themselves, where their address is one of this host: all that can be done without the right to change the kernel.
/// What the rules would refuse or drop is reset here.
/// </summary>
internal sealed partial class DirectBackend(ForwarderSet forwarders, ILogger logger) : IBackend
{
    public async Task ResyncAsync(ServiceMap map, CancellationToken cancellationToken)
    {
        foreach (var gone in forwarders.Keys.Where(key => map.Find(key) is null).ToList())
        {
            await forwarders.StopAsync(gone);
        }

        foreach (var frontend in map.Frontends)
        {
            Keep(frontend);
        }

        LogListening(forwarders.Keys.Count, map.Frontends.Count());
    }

    public async Task ApplyAsync(IReadOnlyList<FrontendChange> changes, CancellationToken cancellationToken)
    {
        foreach (var change in changes)
        {
            if (change.New is { } frontend)
            {
                Keep(frontend);
            }
            else
            {
                await forwarders.StopAsync(change.Key);
            }
        }
    }

    /// <summary>There is nothing in the kernel that others could change.</summary>
    public Task WaitForForeignChangeAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

    private void Keep(Frontend frontend)
    {
        try
        {
            forwarders.Keep(frontend, new IPEndPoint(frontend.Key.Address, frontend.Key.Port));
        }
        catch (SocketException elsewhere) when (elsewhere.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // An address of the Service network or of another node: nothing on this host can be reached by it.
        }
        catch (SocketException refused)
        {
            LogRefused(frontend.Service, frontend.Key, refused.Message);
        }
    }

    [LoggerMessage(5041, LogLevel.Warning, "userspace mode without the right to change the kernel (CAP_NET_ADMIN): listening on {Local} of {All} frontends, those whose address is one of this host")]
    private partial void LogListening(int local, int all);

    [LoggerMessage(5042, LogLevel.Warning, "service {Service}: listen on {Frontend}: {Reason}; it is not served on this host")]
    private partial void LogRefused(Api.Kinds.ObjectKey service, FrontendKey frontend, string reason);
}
