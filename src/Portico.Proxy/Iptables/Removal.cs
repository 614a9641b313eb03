namespace Portico.Proxy.Iptables;

/// <summary>Takes the rules of kube-proxy's kind out of what was saved, and leaves those of others. Pure.</summary>
internal static class Removal
{
    // KUBE-FIREWALL and KUBE-KUBELET-CANARY are the kubelet's.
    private static readonly string[] Own =
    [
        ChainNames.Services, ChainNames.ExternalServices, ChainNames.NodePorts, ChainNames.Postrouting, ChainNames.MarkMasquerade,
        ChainNames.Forward, ChainNames.Firewall, ChainNames.Canary,
    ];

    public static RestoreScript Of(SavedRules saved)
    {
        var script = new RestoreScript();
        foreach (var chain in saved.Chains)
        {
            if (IsOwn(chain.Name))
            {
                script.Delete(chain);
                continue;
            }

            foreach (var rule in saved[chain]!)
            {
                if (IsOwn(rule[(rule.LastIndexOf(' ') + 1)..]))
                {
                    script.Withdraw(chain, rule);
                }
            }
        }

        return script;
    }

    private static bool IsOwn(string chain) => ChainNames.IsOfServicePort(chain) || Own.Contains(chain);
}
