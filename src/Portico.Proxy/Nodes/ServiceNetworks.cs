using System.Net;
using Portico.Api.Objects;
using Portico.Client.Caches;

namespace Portico.Proxy.Nodes;

/// <summary>The networks of ClusterIPs, as the cluster's ServiceCIDRs say them: what the rules refuse there although no Service has it.</summary>
public sealed class ServiceNetworks
{
    private readonly ObjectCache<ServiceCidr> _cidrs;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ServiceNetworks(ObjectCache<ServiceCidr> cidrs)
    {
        _cidrs = cidrs;
        cidrs.Changed += _ => Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private IReadOnlyList<string> Networks =>
        [.. _cidrs.Items.SelectMany(static item => item.Spec.Cidrs).Where(static text => IPNetwork.TryParse(text, out _)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Empty: the cluster does not say.</summary>
    public async Task<IReadOnlyList<string>> SyncedAsync(CancellationToken cancellationToken)
    {
        await _cidrs.Synced.WaitAsync(cancellationToken);
        return Networks;
    }

    /// <summary>Completes with the reason when they are no longer those that a proxy was started with.</summary>
    public async Task<string> ChangedAsync(IReadOnlyList<string> started, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (Networks is var now && !now.SequenceEqual(started))
            {
                return $"the cluster's ServiceCIDRs changed from {string.Join(',', started)} to {string.Join(',', now)}";
            }

            await changed.WaitAsync(cancellationToken);
        }
    }
}
