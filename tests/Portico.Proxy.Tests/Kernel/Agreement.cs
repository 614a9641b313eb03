using Portico.Net.Namespaces;
using Portico.Proxy.Services;
using Portico.Proxy.Simulation;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>Whether the kernel does with a connection or datagram what the simulator says.</summary>
internal static class Agreement
{
    // Endpoints that are all in use are not missed by chance.
    private const int MostAttempts = 60;

    public static (string Name, string Address)[] Sources(NodeWorld world) =>
        [("client", world.Address(NodeWorld.ClientAddress)), ("node", world.Address(NodeWorld.NodeAddress)), ("pod1", world.Address("10.244.1.5"))];

    /// <summary>Asks as often as it takes to see that they agree.</summary>
    /// <param name="attempts">At least, where an answer is expected.</param>
    /// <returns>Null: they agree.</returns>
    public static async Task<string?> DisagreementAsync(NodeWorld world, string from, FrontendKey key, PacketOutcome outcome, int attempts)
    {
        var answers = new List<string>();
        var several = outcome.Endpoints.Count > 1 && outcome.Frontend is { Affinity: null, Algorithm: Algorithm.Random or Algorithm.RoundRobin };
        string? wrong = null;
        while (wrong is null && (answers.Count < (outcome.Verdict == Verdict.Forward ? attempts : 1) || (several && answers.Distinct().Count() == 1)))
        {
            answers.Add(await AskAsync(world, from, key, outcome.Verdict));
            wrong = answers.Count > MostAttempts ? $"{MostAttempts} connections went to one endpoint" : Disagreement(world, from, key, outcome, answers[^1]);
        }

        return wrong is null
            ? null
            : $"{from} → {key} ({outcome.Frontend}): simulator says {outcome.Verdict} {string.Join(',', outcome.Endpoints)} masquerade={outcome.Masqueraded}, kernel: {string.Join(" | ", answers.Distinct())}: {wrong}";
    }

    private static async Task<string> AskAsync(NodeWorld world, string from, FrontendKey key, Verdict expected)
    {
        var (inside, address) = (Inside(world, from), key.Address.ToString());
        var milliseconds = expected is Verdict.Forward or Verdict.Reject ? 3000 : 300;
        if (key.Protocol == TransportProtocol.Tcp)
        {
            return await NodeWorld.AskTcpAsync(inside, address, key.Port, milliseconds);
        }

        using var socket = NodeWorld.UdpSocket(inside, key.Address.AddressFamily);
        return expected == Verdict.Reject
            ? await NodeWorld.AskUdpUntilRefusedAsync(socket, address, key.Port)
            : await NodeWorld.AskUdpAsync(socket, address, key.Port, milliseconds);
    }

    private static string? Disagreement(NodeWorld world, string from, FrontendKey key, PacketOutcome outcome, string answer)
    {
        // A datagram that the node's own rules stop does not even leave the socket.
        var stopped = from == "node" && key.Protocol == TransportProtocol.Udp && answer == "AccessDenied";
        var expected = outcome.Verdict switch
        {
            Verdict.Reject => "refused",
            Verdict.Drop => "lost",
            Verdict.Pass => "lost", // nobody here has an address that is none of ours
            _ => null,
        };
        if (expected is not null)
        {
            return answer == expected || (stopped && outcome.Verdict != Verdict.Pass) ? null : $"not {expected}";
        }

        var words = answer.Split(' ');
        if (words.Length != 2 || !world.Pods.TryGetValue(words[0], out var pod) || !outcome.Endpoints.Any(endpoint => endpoint.Address.ToString() == world.Address(pod.Address)))
        {
            return $"'{answer}' is none of the endpoints";
        }

        var hairpin = words[0] == from;
        var keepsSource = world.Options.Mode != ProxyMode.Userspace && !outcome.Masqueraded && !hairpin;
        var source = Sources(world).First(source => source.Name == from).Address;
        var masquerades = words[1] == world.Address(NodeWorld.NodeAddress) || words[1] == "169.254.1.1";
        return (keepsSource ? words[1] == source : masquerades) ? null : $"'{answer}' has the wrong source";
    }

    private static NetworkNamespace Inside(NodeWorld world, string from) => from switch
    {
        "client" => world.Client,
        "node" => world.Node,
        _ => world.Pods[from].Namespace,
    };
}
