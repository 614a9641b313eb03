using Portico.Api.Objects;

namespace Portico.Cli.Readiness;

/// <summary>The URLs that an Ingress serves, one a host and path; a wildcard host is shown with a name that it matches.</summary>
internal static class IngressUrls
{
    private const string AnyHost = "portico.example";

    public static IEnumerable<Uri> Of(Ingress ingress)
    {
        foreach (var rule in ingress.Spec.Rules)
        {
            var host = string.IsNullOrEmpty(rule.Host) ? AnyHost : rule.Host.Replace("*.", "any.", StringComparison.Ordinal);
            var scheme = ingress.Spec.Tls.Any(tls => tls.Hosts.Count == 0 || tls.Hosts.Contains(rule.Host)) ? "https" : "http";
            foreach (var path in rule.Http?.Paths ?? [])
            {
                yield return new Uri($"{scheme}://{host}{path.Path ?? "/"}");
            }
        }
    }
}
