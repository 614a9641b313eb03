namespace Portico.Server.Store;

/// <summary>Where an object is stored.</summary>
/// <param name="Resource">"pods", "deployments.apps".</param>
/// <param name="Namespace">Empty for cluster-scoped objects.</param>
internal readonly record struct StoreKey(string Resource, string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? $"{Resource} {Name}" : $"{Resource} {Namespace}/{Name}";
}
