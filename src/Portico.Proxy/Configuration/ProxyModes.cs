namespace Portico.Proxy.Configuration;

/// <summary>Names of modes: on command lines, in files and in messages.</summary>
public static class ProxyModes
{
    internal const string Ipvs = "ipvs";

    /// <summary>What is said to those who ask for IPVS.</summary>
    public const string InsteadOfIpvs =
        "mode ipvs: nftables serves the same Services instead; what IPVS left (interface kube-ipvs0) stays until ipvsadm -C and ip link delete kube-ipvs0";

    public static string Expected { get; } = $"must be {string.Join(" or ", Enum.GetValues<ProxyMode>().Select(NameOf))}";

    public static string NameOf(this ProxyMode mode) => mode.ToString().ToLowerInvariant();

    public static bool TryParse(string text, out ProxyMode mode)
    {
        mode = default;
        return text.All(char.IsAsciiLetterLower) && Enum.TryParse(text, ignoreCase: true, out mode);
    }
}
