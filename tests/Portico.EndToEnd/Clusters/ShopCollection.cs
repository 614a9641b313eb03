namespace Portico.EndToEnd.Clusters;

[CollectionDefinition(Name)]
public sealed class ShopCollection : ICollectionFixture<ShopCluster>
{
    public const string Name = "shop";
}
