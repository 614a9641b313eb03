namespace Portico.Proxy.Iptables;

/// <summary>Takes the rules of kube-proxy's kind out of what was saved, and leaves those of others. Pure.</summary>
internal static class Removal
{
    public static RestoreScript Of(SavedRules saved)
    {
        var script = new RestoreScript();
        foreach (var chain in saved.Chains)
        {
            if (ChainNames.IsOwn(chain.Name))
            {
                script.Delete(chain);
                continue;
            }

            foreach (var rule in saved[chain]!)
            {
                if (ChainNames.IsOwn(rule[(rule.LastIndexOf(' ') + 1)..]))
                {
                    script.Withdraw(chain, rule);
                }
            }
        }

        return script;
    }
}
