namespace Portico.Gateway.Routing;

/// <summary>Immutable; finds the certificate for a handshake.</summary>
internal sealed class CertificateTable
{
    private readonly HostTable<ServerCertificate> _hosts;

    /// <param name="certificates">By "host", "*.host" or "". Not kept.</param>
    /// <param name="fallback">For names that nobody gave one for.</param>
    public CertificateTable(IReadOnlyDictionary<string, ServerCertificate> certificates, ServerCertificate fallback)
    {
        var all = new Dictionary<string, ServerCertificate>(certificates, StringComparer.Ordinal);
        all.TryAdd("", fallback);
        _hosts = new(all);
    }

    /// <param name="name">Of the client's SNI; empty when it sent none.</param>
    public ServerCertificate Find(ReadOnlySpan<char> name) => _hosts.Find(name)!;
}
