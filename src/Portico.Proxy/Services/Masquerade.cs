namespace Portico.Proxy.Services;

/// <summary>Whose connections through a frontend get the node's address as their source.</summary>
public enum Masquerade
{
    Nobody,

    /// <summary>All but pods: a ClusterIP asked from outside the pod network, whose answer could find another way back.</summary>
    NotPods,

    /// <summary>The node's own: clients from outside keep their address (policy Local, or asked for), and pods go straight.</summary>
    Node,

    Everybody,
}
