using Portico.Api.Kinds;

namespace Portico.Api.Tests.Kinds;

public sealed class ResourceKindTests
{
    [Fact]
    public void Path_OfEachScope_IsTheApis()
    {
        Assert.Equal("/api/v1/namespaces/shop/pods/web/log", KnownKinds.Pods.Resource.Path("shop", "web", "log"));
        Assert.Equal("/api/v1/pods", KnownKinds.Pods.Resource.Path(""));
        Assert.Equal("/api/v1/nodes/node1", KnownKinds.Nodes.Resource.Path("", "node1"));
        Assert.Equal("/apis/apps/v1/namespaces/shop/deployments", KnownKinds.Deployments.Resource.Path("shop"));
        Assert.Equal("/apis/networking.k8s.io/v1/ingressclasses/a%2Fb", KnownKinds.IngressClasses.Resource.Path("ignored", "a/b"));
    }

    [Fact]
    public void All_NamesAreUnique()
    {
        Assert.Equal(KnownKinds.All.Count, KnownKinds.All.Select(kind => kind.GroupResource).Distinct().Count());
        var words = KnownKinds.All.SelectMany(kind => kind.ShortNames.Append(kind.Plural)).ToList();
        Assert.Equal(words.Count, words.Distinct().Count());
    }
}
