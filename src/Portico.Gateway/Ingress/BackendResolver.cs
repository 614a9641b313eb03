using System.Globalization;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Gateway.Routing;

namespace Portico.Gateway.Ingress;

/// <summary>Finds the Service port that an Ingress backend names.</summary>
internal static class BackendResolver
{
    /// <summary>Annotation of an Ingress: "off" allows TLS to pods whose certificate nobody verifies.</summary>
    public const string VerifyAnnotation = "portico.dev/backend-tls-verify";

    /// <param name="field">Of the backend, for problems.</param>
    /// <returns>Either a backend or a problem.</returns>
    public static (BackendKey Key, BackendProtocol Protocol, Problem? Problem) Resolve(
        IngressObject ingress, IngressBackend backend, string field, ClusterView view)
    {
        if (backend.Service is not { Name.Length: > 0 } named)
        {
            var why = backend.Resource is null ? "names no service" : "resource backends are not supported, name a service";
            return Failed(Reasons.BackendInvalid, field, why);
        }

        var key = new ObjectKey(ingress.Metadata.Namespace, named.Name);
        if (!view.Services.TryGetValue(key, out var service))
        {
            return Failed(Reasons.ServiceNotFound, $"{field}.service.name", $"service {key} does not exist");
        }

        if (service.Spec.Type == "ExternalName")
        {
            return Failed(Reasons.ServiceUnsupported, $"{field}.service.name", $"service {key} is of type ExternalName, which has no endpoints");
        }

        if (Port(service, named.Port) is not { } port)
        {
            var wanted = named.Port?.Name ?? named.Port?.Number?.ToString(CultureInfo.InvariantCulture) ?? "(none)";
            var known = string.Join(", ", service.Spec.Ports.Select(item => item.Name is { Length: > 0 } name ? $"{item.Port} ({name})" : $"{item.Port}"));
            return Failed(Reasons.PortNotFound, $"{field}.service.port", $"service {key} has no TCP port {wanted}; it has {known}");
        }

        var protocol = Protocol(port.AppProtocol);
        if (protocol == BackendProtocol.HttpsUnverified && ingress.Metadata.Annotations.GetValueOrDefault(VerifyAnnotation) != "off")
        {
            return Failed(
                Reasons.BackendTlsUnverified, $"{field}.service.port",
                $"service {key} port {port.Port} has appProtocol {port.AppProtocol}, and nothing says which authority signs its certificates; "
                + $"to go without verification, set annotation {VerifyAnnotation}: \"off\"");
        }

        return (new(key.Namespace, key.Name, port.Port), protocol, null);
    }

    /// <summary>The port by name, or by number; TCP only, since that is what HTTP comes over here.</summary>
    public static ServicePort? Port(Service service, ServiceBackendPort? wanted)
    {
        foreach (var port in service.Spec.Ports)
        {
            var matches = wanted?.Name is { Length: > 0 } name ? port.Name == name : port.Port == wanted?.Number;
            if (matches && (port.Protocol is null or "" or "TCP"))
            {
                return port;
            }
        }

        return null;
    }

    private static BackendProtocol Protocol(string? appProtocol) => appProtocol?.ToLowerInvariant() switch
    {
        "kubernetes.io/h2c" or "grpc" => BackendProtocol.H2c,
        "https" or "kubernetes.io/wss" or "grpcs" => BackendProtocol.HttpsUnverified,
        _ => BackendProtocol.Http,
    };

    private static (BackendKey, BackendProtocol, Problem?) Failed(string reason, string field, string message) =>
        (default, default, new(reason, field, message));
}
