namespace Portico.Proxy.Iptables;

internal readonly record struct ChainId(string Table, string Name)
{
    public static ChainId Nat(string name) => new("nat", name);

    public static ChainId Filter(string name) => new("filter", name);
}
