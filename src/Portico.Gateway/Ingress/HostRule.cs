namespace Portico.Gateway.Ingress;

/// <summary>Host names as Ingress allows them: DNS names in lower case, with a wildcard as the whole first label only.</summary>
internal static class HostRule
{
    /// <returns>Null when the host is usable, otherwise what is wrong with it.</returns>
    public static string? Problem(string host)
    {
        var name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        if (name.Length is 0 or > 253)
        {
            return $"\"{host}\" is no DNS name of 1 to 253 characters";
        }

        foreach (var label in name.Split('.'))
        {
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-' || label.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
            {
                return $"\"{host}\": each label must be 1 to 63 lower-case letters, digits or '-'; a wildcard is \"*.\" at the start";
            }
        }

        return System.Net.IPAddress.TryParse(name, out _) ? $"\"{host}\" is an address, not a DNS name" : null;
    }
}
