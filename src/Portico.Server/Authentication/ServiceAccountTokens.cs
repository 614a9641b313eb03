using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portico.Server.Requests;
using Portico.Server.Store;

namespace Portico.Server.Authentication;

/// <summary>Issues and verifies bound service account tokens: JWTs (RFC 7519) signed with ES256.</summary>
internal sealed class ServiceAccountTokens(ECDsa key, IObjectStore store, TimeProvider time)
{
    public const string Audience = "https://kubernetes.default.svc.cluster.local";

    private const int MaxToken = 8 * 1024;

    // ECDsa instances are not safe for several threads.
    private readonly Lock _signing = new();

    /// <param name="bound">kind, name and uid of the object that the token lives with; null: the service account alone.</param>
    public string Issue(StoredObject account, IReadOnlyList<string> audiences, DateTimeOffset expires, (string Kind, string Name, string Uid)? bound)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var @private = new JsonObject
        {
            ["namespace"] = account.Key.Namespace,
            ["serviceaccount"] = Reference(account.Key.Name, Uid(account)),
        };
        if (bound is { } reference)
        {
            @private[reference.Kind.ToLowerInvariant()] = Reference(reference.Name, reference.Uid);
        }

        var claims = new JsonObject
        {
            ["aud"] = new JsonArray([.. audiences]),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["iat"] = now,
            ["nbf"] = now,
            ["iss"] = Audience,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = @private,
            ["sub"] = $"{UserGroups.ServiceAccountPrefix}{account.Key.Namespace}:{account.Key.Name}",
        };
        var signed = $"{Encode("""{"alg":"ES256","typ":"JWT"}"""u8)}.{Encode(RawJson.Bytes(claims))}";
        lock (_signing)
        {
            return $"{signed}.{Encode(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
        }
    }

    /// <summary>Null unless the token is ours, for us, in time, and its account and bound object still exist.</summary>
    public VerifiedToken? Verify(string token)
    {
        if (token.Length > MaxToken || token.Split('.') is not [var header, var payload, var signature] || !IsSigned(header, payload, signature)
            || Decode(payload) is not { } claims)
        {
            return null;
        }

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var audiences = claims.Texts("aud").ToList();
        if (claims.Number("exp") is not { } expires || expires <= now || claims.Number("nbf") > now + 60 || !audiences.Contains(Audience))
        {
            return null;
        }

        var @private = claims["kubernetes.io"];
        var @namespace = @private.Text("namespace") ?? "";
        var name = @private.Text("serviceaccount", "name") ?? "";
        var uid = @private.Text("serviceaccount", "uid") ?? "";
        if (!Exists("serviceaccounts", @namespace, name, uid)
            || !IsBoundObjectThere(@private, @namespace, "pod", "pods")
            || !IsBoundObjectThere(@private, @namespace, "secret", "secrets"))
        {
            return null;
        }

        var user = new UserInfo(
            $"{UserGroups.ServiceAccountPrefix}{@namespace}:{name}",
            [UserGroups.ServiceAccounts, UserGroups.ServiceAccountsOf(@namespace), UserGroups.Authenticated])
        {
            Uid = uid,
            Extra = @private.Text("pod", "name") is { } pod
                ? new Dictionary<string, string> { ["authentication.kubernetes.io/pod-name"] = pod }
                : new Dictionary<string, string>(),
        };
        return new(user, audiences);
    }

    private static JsonObject Reference(string name, string uid) => new() { ["name"] = name, ["uid"] = uid };

    private static string Uid(StoredObject item) => RawJson.Text(item.Json, "metadata", "uid") ?? "";

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    private static JsonObject? Decode(string part)
    {
        try
        {
            return JsonNode.Parse(Base64Url.DecodeFromChars(part)) as JsonObject;
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            return null;
        }
    }

    private bool IsBoundObjectThere(JsonNode? @private, string @namespace, string field, string resource) =>
        @private.At(field) is not { } bound || Exists(resource, @namespace, bound.Text("name") ?? "", bound.Text("uid") ?? "");

    private bool Exists(string resource, string @namespace, string name, string uid) =>
        store.Get(new(resource, @namespace, name)) is { } item && Uid(item) == uid;

    private bool IsSigned(string header, string payload, string signature)
    {
        if (Decode(header).Text("alg") != "ES256")
        {
            return false;
        }

        try
        {
            var bytes = Base64Url.DecodeFromChars(signature);
            lock (_signing)
            {
                return key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{payload}"), bytes, HashAlgorithmName.SHA256);
            }
        }
        catch (Exception error) when (error is FormatException or CryptographicException)
        {
            return false;
        }
    }
}
