using System.Security.Cryptography.X509Certificates;

namespace Portico.Client.Connections;

/// <summary>Where an API server is, and who we are to it.</summary>
public sealed record Credentials
{
    public required Uri Server { get; init; }

    /// <summary>Certificate authorities that may have signed the server's certificate; the system's own when empty.</summary>
    public X509Certificate2Collection Authorities { get; init; } = [];

    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Asked before every request, so that a token that is rotated on disk is picked up. Null: no token.</summary>
    public Func<string?>? Token { get; init; }

    /// <summary>Logs in instead of <see cref="Token"/> and <see cref="ClientCertificate"/>. Null: they say who we are.</summary>
    public ExecPlugin? Plugin { get; init; }

    /// <summary>Name to check in the server's certificate, where it differs from the host of <see cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    public bool InsecureSkipTlsVerify { get; init; }

    // The generated one would print the token's holder and certificates.
    public override string ToString() => $"Credentials for {Server}";
}
