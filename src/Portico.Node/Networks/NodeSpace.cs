using System.Net.Sockets;
using Portico.Net.Namespaces;
using Portico.Net.Processes;

namespace Portico.Node.Networks;

/// <summary>The network namespace that is the node: where its sockets live and its routes are set. In production it is the process's own.</summary>
internal sealed class NodeSpace(string? name)
{
    private readonly NetworkNamespace? _network = name is null ? null : new(name);

    /// <summary>A socket of the namespace, for good.</summary>
    public Socket CreateSocket(AddressFamily family, SocketType type, ProtocolType protocol) =>
        _network is null ? new(family, type, protocol) : _network.Run(() => new Socket(family, type, protocol));

    public async Task RunAsync(string program, IReadOnlyList<string> arguments, string? input, string what, CancellationToken cancellationToken) =>
        (await Command.RunInAsync(_network, program, arguments, input, cancellationToken)).OrThrow(what);

    /// <summary>Where it is well when there is nothing to do.</summary>
    public Task TryRunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        Command.RunInAsync(_network, program, arguments, null, cancellationToken);
}
