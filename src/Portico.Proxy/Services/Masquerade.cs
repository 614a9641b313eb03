namespace Portico.Proxy.Services;

/// <summary>Whose connections through a frontend get the node's address as their source.</summary>
public enum Masquerade
{
    Nobody,

    /// <summary>All but pods: a ClusterIP asked from outside the pod network, whose answer could find another way back.</summary>
    NotPods,

    /// <summary>The node's own: policy Local from outside keeps the client's address, and pods go straight.</summary>
    Node,

    Everybody,
}
