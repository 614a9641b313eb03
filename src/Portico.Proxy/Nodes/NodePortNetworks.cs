using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Portico.Proxy.Nodes;

/// <summary>Which addresses of the machine serve NodePorts (upstream's nodePortAddresses, with the words of 1.37).</summary>
public sealed class NodePortNetworks
{
    /// <summary>The addresses of the Node object.</summary>
    public const string Primary = "primary";

    /// <summary>127.0.0.0/8 and ::1.</summary>
    public const string Localhost = "localhost";

    public const string All = "all";

    private readonly List<IPNetwork> _networks = [];
    private readonly bool _restrictsBoth;
    private readonly bool _loopback;

    /// <param name="items">Networks and words.</param>
    /// <param name="loopback">Loopback addresses are as any other; else something beside the rules serves them.</param>
    public NodePortNetworks(IReadOnlyList<string> items, NodeIdentity node, bool loopback)
    {
        _loopback = loopback;
        foreach (var item in items)
        {
            _networks.AddRange(item switch
            {
                Primary => new[] { node.IPv4, node.IPv6 }.OfType<IPAddress>().Where(static address => !IPAddress.IsLoopback(address)).Select(Alone),
                Localhost => [IPNetwork.Parse("127.0.0.0/8"), Alone(IPAddress.IPv6Loopback)],
                All => [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")],
                _ => [IPNetwork.Parse(item)],
            });
            _restrictsBoth |= item is Primary or Localhost;
        }
    }

    public static bool IsKnown(string item) => item is Primary or Localhost or All || IPNetwork.TryParse(item, out _);

    public bool Includes(IPAddress address)
    {
        if (address.IsIPv6LinkLocal)
        {
            return false;
        }

        // Networks of one family do not restrict the other.
        var own = _networks.Where(network => network.BaseAddress.AddressFamily == address.AddressFamily).ToList();
        return (own.Count == 0 && !_restrictsBoth) || own.Exists(network => network.Contains(address));
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

    private static IPNetwork Alone(IPAddress address) => new(address, address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32);
}
