namespace Portico.Proxy.Services;

/// <summary>The matrix of source, kind and policy: which endpoints, and whether masqueraded. README.md has it as a table.</summary>
public static class FrontendPolicy
{
    public static ValueList<EndpointAddress> EndpointsFor(Frontend frontend, TrafficSource source) =>
        frontend.LocalPolicy && (frontend.Kind == FrontendKind.ClusterIP || source == TrafficSource.External) ? frontend.Local : frontend.Cluster;

    public static bool IsMasqueraded(Frontend frontend, TrafficSource source, bool canTellPods) => frontend.Masquerade switch
    {
        Masquerade.Everybody => true,
        Masquerade.NotPods => canTellPods && source != TrafficSource.Pod,
        Masquerade.Node => source == TrafficSource.Node,
        _ => false,
    };
}
