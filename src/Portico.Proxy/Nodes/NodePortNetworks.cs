using System.Net;
using System.Net.NetworkInformation;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Portico.Proxy.Nodes;

/// <summary>Which addresses of the machine serve NodePorts (upstream's nodePortAddresses).</summary>
public sealed class NodePortNetworks
{
    private readonly List<IPNetwork> _networks;
    private readonly bool _loopback;

    /// <param name="networks">Empty: every address.</param>
    /// <param name="loopback">Loopback addresses are as any other; else something beside the rules serves them.</param>
    public NodePortNetworks(IReadOnlyList<string> networks, bool loopback)
    {
        _networks = [.. networks.Select(IPNetwork.Parse)];
        _loopback = loopback;
    }

    public bool Includes(IPAddress address)
    {
        if (address.IsIPv6LinkLocal)
        {
            return false;
        }

        // Networks of one family do not restrict the other.
        var own = _networks.Where(network => network.BaseAddress.AddressFamily == address.AddressFamily).ToList();
        return own.Count == 0 || own.Exists(network => network.Contains(address));
    }

    /// <summary>The addresses that serve NodePorts, and again whenever they are others.</summary>
    public async IAsyncEnumerable<IReadOnlyList<IPAddress>> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        NetworkAddressChangedEventHandler noted = (_, _) => signal.Writer.TryWrite(true);
        NetworkChange.NetworkAddressChanged += noted;
        try
        {
            IReadOnlyList<IPAddress> before = [];
            do
            {
                var now = Present();
                if (!now.SequenceEqual(before))
                {
                    yield return before = now;
                }
            }
            while (await signal.Reader.ReadAsync(cancellationToken));
        }
        finally
        {
            NetworkChange.NetworkAddressChanged -= noted;
        }
    }

    /// <summary>Addresses that this process's network namespace has now, in a stable order.</summary>
    public IReadOnlyList<IPAddress> Present() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static device => device.GetIPProperties().UnicastAddresses)
            .Select(static entry => entry.Address)
            .Where(address => Includes(address) && (_loopback || !IPAddress.IsLoopback(address)))
            .DistinctBy(static address => address.ToString())
            .OrderBy(static address => address.ToString(), StringComparer.Ordinal),
    ];
}
