using System.Collections.Immutable;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <summary>Turns one Ingress into route and certificate rules. What is wrong becomes a problem, and everything else of the Ingress still counts.</summary>
internal static class IngressCompiler
{
    public static CompiledIngress Compile(IngressObject ingress, ClusterView view)
    {
        var compilation = new Compilation(ingress, view);
        compilation.Rules();
        compilation.Default();
        compilation.Tls();
        return compilation.Result();
    }

    private sealed class Compilation(IngressObject ingress, ClusterView view)
    {
        private readonly ImmutableArray<RouteRule>.Builder _rules = ImmutableArray.CreateBuilder<RouteRule>();
        private readonly ImmutableArray<CertificateRule>.Builder _certificates = ImmutableArray.CreateBuilder<CertificateRule>();
        private readonly ImmutableArray<Problem>.Builder _problems = ImmutableArray.CreateBuilder<Problem>();
        private readonly ImmutableDictionary<BackendKey, BackendProtocol>.Builder _backends = ImmutableDictionary.CreateBuilder<BackendKey, BackendProtocol>();
        private readonly ImmutableHashSet<ObjectKey>.Builder _services = ImmutableHashSet.CreateBuilder<ObjectKey>();
        private readonly ImmutableHashSet<ObjectKey>.Builder _secrets = ImmutableHashSet.CreateBuilder<ObjectKey>();
        private readonly List<string> _hosts = [];
        private readonly ObjectKey _key = ObjectKey.Of(ingress);

        public void Rules()
        {
            for (var i = 0; i < ingress.Spec.Rules.Count; i++)
            {
                var rule = ingress.Spec.Rules[i];
                var host = rule.Host ?? "";
                if (host.Length > 0 && HostRule.Problem(host) is { } wrong)
                {
                    _problems.Add(new(Reasons.HostInvalid, $"spec.rules[{i}].host", wrong));
                    continue;
                }

                if (!_hosts.Contains(host))
                {
                    _hosts.Add(host);
                }

                var paths = rule.Http?.Paths ?? [];
                for (var j = 0; j < paths.Count; j++)
                {
                    Path(host, paths[j], $"spec.rules[{i}].http.paths[{j}]");
                }
            }
        }

        /// <summary>The default of the rules' hosts; without rules, of the whole table.</summary>
        public void Default()
        {
            if (ingress.Spec.DefaultBackend is not { } backend)
            {
                return;
            }

            const string field = "spec.defaultBackend";
            var key = Backend(backend, field);
            IEnumerable<string> hosts = ingress.Spec.Rules.Count == 0 ? [""] : _hosts;
            foreach (var host in hosts)
            {
                _rules.Add(new(host, PathKind.Default, "", key, _key.ToString(), field));
            }
        }

        public void Tls()
        {
            for (var i = 0; i < ingress.Spec.Tls.Count; i++)
            {
                var tls = ingress.Spec.Tls[i];
                if (tls.SecretName is not { Length: > 0 } name)
                {
                    continue; // The gateway's own certificate serves these hosts.
                }

                var key = _key with { Name = name };
                _secrets.Add(key);
                if (view.Secret(key) is not { } secret)
                {
                    _problems.Add(new(Reasons.SecretNotFound, $"spec.tls[{i}].secretName", $"secret {key} of type {Secret.TlsType} does not exist"));
                    continue;
                }

                if (secret.Certificate is not { } certificate)
                {
                    _problems.Add(new(Reasons.SecretInvalid, $"spec.tls[{i}].secretName", $"secret {key}: {secret.Problem}"));
                    continue;
                }

                Certificate(tls, $"spec.tls[{i}]", certificate);
            }
        }

        public CompiledIngress Result() => new(_key, ingress.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue)
        {
            Rules = _rules.ToImmutable(),
            Certificates = _certificates.ToImmutable(),
            Backends = _backends.ToImmutable(),
            Problems = _problems.ToImmutable(),
            Services = _services.ToImmutable(),
            Secrets = _secrets.ToImmutable(),
        };

        private void Certificate(IngressTls tls, string field, ServerCertificate certificate)
        {
            // No hosts: the certificate is for whatever the rules serve.
            IReadOnlyList<string> hosts = tls.Hosts.Count > 0 ? tls.Hosts : _hosts.Count > 0 ? _hosts : [""];
            for (var i = 0; i < hosts.Count; i++)
            {
                if (hosts[i].Length > 0 && HostRule.Problem(hosts[i]) is { } wrong)
                {
                    _problems.Add(new(Reasons.HostInvalid, $"{field}.hosts[{i}]", wrong));
                }
                else
                {
                    _certificates.Add(new(hosts[i], certificate));
                }
            }
        }

        private void Path(string host, HttpIngressPath path, string field)
        {
            var text = path.Path is { Length: > 0 } given ? given : "/";
            PathKind? kind = path.PathType switch
            {
                "Exact" => PathKind.Exact,
                "Prefix" or "ImplementationSpecific" or "" => PathKind.Prefix,
                _ => null,
            };
            if (kind is null)
            {
                _problems.Add(new(Reasons.PathInvalid, $"{field}.pathType", $"\"{path.PathType}\" is none of Exact, Prefix, ImplementationSpecific"));
                return;
            }

            if (!RequestPath.TryNormalize(text, out var normal))
            {
                _problems.Add(new(Reasons.PathInvalid, $"{field}.path", $"\"{text}\" must begin with '/' and have only valid escapes"));
                return;
            }

            // "/foo" and "/foo/" are the same prefix.
            normal = kind == PathKind.Prefix && normal!.Length > 1 ? normal.TrimEnd('/') : normal!;
            _rules.Add(new(host, kind.Value, normal, Backend(path.Backend, $"{field}.backend"), _key.ToString(), field));
        }

        private BackendKey? Backend(IngressBackend backend, string field)
        {
            if (backend.Service is { Name.Length: > 0 } service)
            {
                _services.Add(_key with { Name = service.Name });
            }

            var (key, protocol, problem) = BackendResolver.Resolve(ingress, backend, field, view);
            if (problem is not null)
            {
                _problems.Add(problem);
                return null;
            }

            _backends[key] = protocol;
            return key;
        }
    }
}
