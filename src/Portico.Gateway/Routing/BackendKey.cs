namespace Portico.Gateway.Routing;

/// <summary>What a route leads to: one port of one service.</summary>
internal readonly record struct BackendKey(string Namespace, string Service, int Port)
{
    public override string ToString() => $"{Namespace}/{Service}:{Port}";
}
