using Portico.Net.Namespaces;
using Portico.Proxy.Services;
using Portico.Proxy.Simulation;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>Whether the kernel does with a connection what the simulator says.</summary>
internal static class Agreement
{
    public static readonly (string Name, string Address)[] Sources = [("client", NodeWorld.ClientAddress), ("node", NodeWorld.NodeAddress), ("pod1", "10.244.1.5")];

    /// <summary>Connects some times, once where no answer is expected.</summary>
    public static async Task<List<string>> AskAsync(NodeWorld world, string from, FrontendKey key, Verdict expected, int attempts)
    {
        var answers = new List<string>();
        for (var i = 0; i < (expected == Verdict.Forward ? attempts : 1); i++)
        {
            answers.Add(await NodeWorld.AskTcpAsync(Inside(world, from), key.Address.ToString(), key.Port, expected is Verdict.Forward or Verdict.Reject ? 3000 : 300));
        }

        return answers;
    }

    /// <returns>Null: they agree.</returns>
    public static string? Disagreement(NodeWorld world, string from, PacketOutcome outcome, List<string> answers)
    {
        var expected = outcome.Verdict switch
        {
            Verdict.Reject => "refused",
            Verdict.Drop => "lost",
            Verdict.Pass => "lost", // nobody here has an address that is none of ours
            _ => null,
        };
        if (expected is not null)
        {
            return answers.All(answer => answer == expected) ? null : $"not {expected}";
        }

        var source = Sources.First(source => source.Name == from).Address;
        var allowed = outcome.Endpoints.Select(endpoint => endpoint.Address.ToString()).ToHashSet();
        foreach (var answer in answers)
        {
            var words = answer.Split(' ');
            if (words.Length != 2 || !world.Pods.TryGetValue(words[0], out var pod) || !allowed.Contains(pod.Address))
            {
                return $"'{answer}' is none of the endpoints";
            }

            var hairpin = words[0] == from;
            var keepsSource = world.Options.Mode != ProxyMode.Userspace && !outcome.Masqueraded && !hairpin;
            if (keepsSource ? words[1] != source : words[1] is not (NodeWorld.NodeAddress or "169.254.1.1"))
            {
                return $"'{answer}' has the wrong source";
            }
        }

        return null;
    }

    private static NetworkNamespace Inside(NodeWorld world, string from) => from switch
    {
        "client" => world.Client,
        "node" => world.Node,
        _ => world.Pods[from].Namespace,
    };
}
