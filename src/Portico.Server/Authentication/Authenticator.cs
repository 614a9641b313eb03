using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Portico.Server.Authentication;

/// <summary>Finds out who makes a request: by bearer token when there is one, else by client certificate.</summary>
internal sealed class Authenticator
{
    private const string Bearer = "Bearer ";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly object CertificateUser = new();

    private readonly Dictionary<string, UserInfo> _tokens = [];
    private readonly X509Certificate2 _authority;
    private readonly ServiceAccountTokens _serviceAccounts;
    private readonly TimeProvider _time;

    public Authenticator(ApiServerOptions options, ServiceAccountTokens serviceAccounts)
    {
        foreach (var (token, user) in options.Tokens)
        {
            _tokens[Digest(token)] = user.IsIn(UserGroups.Authenticated) ? user : user with { Groups = [.. user.Groups, UserGroups.Authenticated] };
        }

        _authority = options.Authority;
        _serviceAccounts = serviceAccounts;
        _time = options.Time;
    }

    /// <summary>Null: no credentials, or wrong ones.</summary>
    public UserInfo? Authenticate(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? ByToken(header[Bearer.Length..].Trim())
            : ByCertificate(context);
    }

    public UserInfo? ByToken(string token) => _tokens.TryGetValue(Digest(token), out var user) ? user : _serviceAccounts.Verify(token)?.User;

    private UserInfo? ByCertificate(HttpContext context)
    {
        if (context.Connection.ClientCertificate is not { } certificate)
        {
            return null;
        }

        // The chain is built once a connection; HTTP/2 streams of it share the items.
        var items = context.Features.Get<IConnectionItemsFeature>()?.Items;
        if (items is not null && items.TryGetValue(CertificateUser, out var known))
        {
            return certificate.NotAfter.ToUniversalTime() < _time.GetUtcNow() ? null : (UserInfo?)known;
        }

        var user = IsTrusted(certificate) ? CertificateSubject.Read(certificate.SubjectName) : null;
        items?[CertificateUser] = user;
        return user;
    }

    private bool IsTrusted(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return chain.Build(certificate);
    }

    // Looked up by digest: how long a comparison takes says nothing about a token.
    private static string Digest(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
