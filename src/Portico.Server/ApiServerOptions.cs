using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portico.Server.Authentication;

namespace Portico.Server;

/// <summary>What an <see cref="ApiServer"/> is started with.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Directory of <c>store.db</c>; made when it is missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>With its private key.</summary>
    public required X509Certificate2 ServerCertificate { get; init; }

    /// <summary>A client certificate that it signed is a user: CN is the name, each O a group.</summary>
    public required X509Certificate2 Authority { get; init; }

    /// <summary>Signs and verifies service account tokens (ES256, so P-256).</summary>
    public required ECDsa ServiceAccountKey { get; init; }

    /// <summary>Bound TCP sockets, which may have been made in other network namespaces. The server listens on them and owns them from here.</summary>
    public required IReadOnlyList<Socket> Listeners { get; init; }

    /// <summary>Static bearer tokens and whom they stand for.</summary>
    public IReadOnlyDictionary<string, UserInfo> Tokens { get; init; } = new Dictionary<string, UserInfo>();

    /// <summary>Where the <c>kubernetes</c> Service of namespace <c>default</c> leads.</summary>
    public required IPEndPoint AdvertisedEndPoint { get; init; }

    /// <summary>IPv4 network of cluster IPs, as prefix/length.</summary>
    public string ServiceCidr { get; init; } = "10.96.0.0/16";

    public int NodePortMin { get; init; } = 30000;

    /// <summary>Inclusive.</summary>
    public int NodePortMax { get; init; } = 32767;

    /// <summary>Opens a TCP stream to a node's address. Null: pods' logs are refused.</summary>
    public Func<IPEndPoint, CancellationToken, ValueTask<Stream>>? DialNode { get; init; }

    /// <summary>With its private key; how the server shows itself to a node agent.</summary>
    public X509Certificate2? NodeClientCertificate { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
