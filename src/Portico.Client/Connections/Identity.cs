using System.Security.Cryptography.X509Certificates;

namespace Portico.Client.Connections;

/// <summary>What a request shows the server: a token, a certificate, both or neither.</summary>
public sealed record Identity(string? Token, X509Certificate2? Certificate)
{
    // The generated one would print the token.
    public override string ToString() => "Identity";
}
