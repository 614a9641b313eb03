namespace Portico.Proxy.Configuration;

/// <summary>Names of modes: on command lines, in files and in messages.</summary>
public static class ProxyModes
{
    public const string Ipvs = "ipvs";

    public static string Expected { get; } = $"must be {string.Join(" or ", Enum.GetValues<ProxyMode>().Select(NameOf))}";

    public static string NameOf(this ProxyMode mode) => mode.ToString().ToLowerInvariant();

    public static bool TryParse(string text, out ProxyMode mode)
    {
        mode = default;
        return text.All(char.IsAsciiLetterLower) && Enum.TryParse(text, ignoreCase: true, out mode);
    }
}
