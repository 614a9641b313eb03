using Portico.Api.Kinds;
using Portico.Api.Objects;

namespace Portico.Gateway.Ingress;

/// <summary>TLS Secrets, each parsed at most once for each change of its certificate or key, and only when an Ingress asks for it.</summary>
internal sealed class SecretStore
{
    private readonly Dictionary<ObjectKey, Entry> _entries = [];

    /// <returns>False when the certificate and key are what they were.</returns>
    public bool Set(Secret secret)
    {
        var key = ObjectKey.Of(secret);
        if (_entries.TryGetValue(key, out var known) && Same(known.Secret, secret, "tls.crt") && Same(known.Secret, secret, "tls.key"))
        {
            return false;
        }

        _entries[key] = new(secret);
        return true;
    }

    public bool Remove(ObjectKey key) => _entries.Remove(key);

    public SecretResult? Get(ObjectKey key) => _entries.GetValueOrDefault(key)?.Result();

    private static bool Same(Secret one, Secret other, string name) => one.Data.GetValueOrDefault(name) == other.Data.GetValueOrDefault(name);

    private sealed class Entry(Secret secret)
    {
        private SecretResult? _result;

        public Secret Secret { get; } = secret;

        public SecretResult Result() => _result ??= TlsSecret.TryRead(Secret, out var certificate, out var problem) ? new(certificate, "") : new(null, problem);
    }
}
