namespace Portico.Proxy.Services;

/// <summary>Which field of the Service a frontend comes from.</summary>
public enum FrontendKind
{
    ClusterIP,
    NodePort,
    LoadBalancer,
    ExternalIP,
}
