namespace Portico.Proxy.Configuration;

/// <summary>Names of modes in configuration.</summary>
public static class ProxyModes
{
    public static string Expected { get; } =
        $"must be {string.Join(" or ", Enum.GetNames<ProxyMode>().Select(static name => name.ToLowerInvariant()))}; ipvs is served by nftables";

    /// <param name="text">Null or empty: the default, nftables.</param>
    /// <param name="warning">Set when another mode stands in for the one that was asked for.</param>
    public static bool TryParse(string? text, out ProxyMode mode, out string? warning)
    {
        (mode, warning) = (ProxyMode.Nftables, null);
        if (text == "ipvs")
        {
            warning = "mode ipvs: nftables serves the same Services instead; what IPVS left (interface kube-ipvs0) stays until ipvsadm -C and ip link delete kube-ipvs0";
            return true;
        }

        return string.IsNullOrEmpty(text)
            || (text.All(char.IsAsciiLetterLower) && Enum.TryParse(text, ignoreCase: true, out mode));
    }
}
