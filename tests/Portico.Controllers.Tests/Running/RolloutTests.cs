using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Requests;
using Portico.Testing.ApiServers;

namespace Portico.Controllers.Tests.Running;

public sealed class RolloutTests
{
    [Fact]
    public async Task Deployment_Created_RunsItsPodsSpreadOverNodes()
    {
        await using var cluster = RunningControllers.Start();
        (await cluster.CreateAsync(KnownKinds.Deployments, RunningControllers.Deployment("web:1", 4))).OrThrow();
        await cluster.RolledOutAsync("web:1");

        var pods = cluster.Api.List(KnownKinds.Pods, "shop");
        Assert.Equal(4, pods.Count);
        Assert.Equal(2, pods.Count(pod => pod.Spec.NodeName == "node1"));
        Assert.Equal(2, pods.Count(pod => pod.Spec.NodeName == "node2"));
        var set = Assert.Single(cluster.Api.List(KnownKinds.ReplicaSets, "shop"));
        Assert.Equal("1", set.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.All(pods, pod => Assert.Equal(set.Metadata.Labels["pod-template-hash"], pod.Metadata.Labels["pod-template-hash"]));
        var deployment = cluster.Api.Get(KnownKinds.Deployments, "shop", "web")!;
        Assert.Equal("1", deployment.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.Contains(deployment.Status.Conditions, condition => condition is { Type: "Available", Status: "True", Reason: "MinimumReplicasAvailable" });
    }

    [Fact]
    public async Task Deployment_NewImageThenBack_RollsWithinLimitsAndReusesTheOldSet()
    {
        await using var cluster = RunningControllers.Start();
        (await cluster.CreateAsync(KnownKinds.Deployments, RunningControllers.Deployment("web:1", 3))).OrThrow();
        await cluster.RolledOutAsync("web:1");
        var (least, most) = (int.MaxValue, 0);
        cluster.Pods.Changed += _ =>
        {
            var active = cluster.Pods.Items.Where(pod => pod.Metadata.DeletionTimestamp is null).ToList();
            least = Math.Min(least, active.Count(pod => pod.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" })));
        };

        cluster.ReplicaSets.Changed += _ => most = Math.Max(most, cluster.ReplicaSets.Items.Sum(set => set.Spec.Replicas ?? 0));

        await SetTemplateAsync(cluster, "web:2");
        await cluster.RolledOutAsync("web:2");
        await SetTemplateAsync(cluster, "web:1");
        await cluster.RolledOutAsync("web:1");

        Assert.True(least >= 3, $"only {least} pods were ready");
        Assert.True(most <= 4, $"{most} replicas at a time");
        var sets = cluster.Api.List(KnownKinds.ReplicaSets, "shop");
        Assert.Equal(2, sets.Count);
        Assert.Equal("3", cluster.Api.Get(KnownKinds.Deployments, "shop", "web")!.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.Equal(["2", "3"], sets.Select(set => set.Metadata.Annotations["deployment.kubernetes.io/revision"]).Order());
        Assert.Equal("1", sets.Single(set => set.Spec.Replicas == 3).Metadata.Annotations["deployment.kubernetes.io/revision-history"]);
    }

    [Fact]
    public async Task Deployment_AtRest_WritesNothing()
    {
        await using var cluster = RunningControllers.Start(options: new() { CertificateAuthorityPem = "PEM", ResyncPeriod = TimeSpan.FromMilliseconds(20) });
        cluster.Api.Put(KnownKinds.Services, Services.Web());
        (await cluster.CreateAsync(KnownKinds.Deployments, RunningControllers.Deployment("web:1", 3))).OrThrow();
        await cluster.RolledOutAsync("web:1");
        await Services.HasReadyAsync(cluster, 3);

        // Every resync of everything asks for the authority once. The first of them may still finish what was under way.
        await ResyncsAsync(cluster, 5);
        cluster.Api.ClearRequests();
        await ResyncsAsync(cluster, 5);
        var writes = cluster.Api.Requests.Where(request => !request.StartsWith("GET", StringComparison.Ordinal) && !request.StartsWith("WATCH", StringComparison.Ordinal)
            && !request.Contains("/events", StringComparison.Ordinal));
        Assert.Empty(writes);
    }

    [Fact]
    public async Task Deployment_Deleted_TakesItsPodsAlong()
    {
        await using var cluster = RunningControllers.Start();
        (await cluster.CreateAsync(KnownKinds.Deployments, RunningControllers.Deployment("web:1", 2))).OrThrow();
        await cluster.RolledOutAsync("web:1");

        await cluster.Api.Client.DeleteAsync(KnownKinds.Deployments.Resource, new("shop", "web"), null, null, TestContext.Current.CancellationToken);

        await Watching.UntilAsync(cluster.Pods, pods => pods.Count == 0, "the pods to be collected");
        Assert.Empty(cluster.Api.List(KnownKinds.ReplicaSets, "shop"));
    }

    [Fact]
    public async Task Deployment_DeletedInForeground_GoesLast()
    {
        await using var cluster = RunningControllers.Start();
        (await cluster.CreateAsync(KnownKinds.Deployments, RunningControllers.Deployment("web:1", 2))).OrThrow();
        await cluster.RolledOutAsync("web:1");
        var early = false;
        cluster.Deployments.Changed += change => early |= change.New is null && cluster.Api.List(KnownKinds.Pods, "shop").Count > 0;

        await cluster.Api.Client.DeleteAsync(
            KnownKinds.Deployments.Resource, new("shop", "web"), null, null, "Foreground", TestContext.Current.CancellationToken);

        await Watching.UntilAsync(cluster.Deployments, all => all.Count == 0, "the deployment to go");
        Assert.False(early, "the deployment went before its pods");
    }

    [Fact]
    public async Task Deployment_DeletedWithOrphan_LeavesSetAndPods()
    {
        await using var cluster = RunningControllers.Start();
        (await cluster.CreateAsync(KnownKinds.Deployments, RunningControllers.Deployment("web:1", 2))).OrThrow();
        await cluster.RolledOutAsync("web:1");

        await cluster.Api.Client.DeleteAsync(
            KnownKinds.Deployments.Resource, new("shop", "web"), null, null, "Orphan", TestContext.Current.CancellationToken);

        await Watching.UntilAsync(cluster.Deployments, all => all.Count == 0, "the deployment to go");
        var set = Assert.Single(cluster.Api.List(KnownKinds.ReplicaSets, "shop"));
        Assert.Empty(set.Metadata.OwnerReferences);
        Assert.Equal(2, cluster.Api.List(KnownKinds.Pods, "shop").Count);
    }

    [Fact]
    public async Task Pod_Deleted_IsReplaced()
    {
        await using var cluster = RunningControllers.Start();
        (await cluster.CreateAsync(KnownKinds.Deployments, RunningControllers.Deployment("web:1", 2))).OrThrow();
        await cluster.RolledOutAsync("web:1");
        var victim = cluster.Api.List(KnownKinds.Pods, "shop")[0];

        await cluster.Api.Client.DeleteAsync(
            KnownKinds.Pods.Resource, ObjectKey.Of(victim), victim.Metadata.Uid, null, TestContext.Current.CancellationToken);

        await Watching.UntilAsync(
            cluster.Pods,
            pods => pods.Count == 2 && pods.All(pod => pod.Metadata.Uid != victim.Metadata.Uid && pod.Status.Phase == "Running"),
            "a pod in the place of the deleted one");
    }

    [Fact]
    public async Task Namespace_Deleted_IsEmptiedThenGone()
    {
        await using var cluster = RunningControllers.Start();
        cluster.Api.Put(KnownKinds.Services, Services.Web());
        (await cluster.CreateAsync(KnownKinds.Deployments, RunningControllers.Deployment("web:1", 2))).OrThrow();
        await cluster.RolledOutAsync("web:1");

        await cluster.Api.Client.DeleteAsync(KnownKinds.Namespaces.Resource, new("", "shop"), null, null, TestContext.Current.CancellationToken);

        await Watching.UntilAsync(cluster.Namespaces, all => all.Count == 0, "the namespace to go");
        foreach (var kind in KnownKinds.All.Where(kind => kind.Namespaced))
        {
            Assert.Empty(cluster.Api.List(new ResourceKind<ObjectMetaOnly>(kind), "shop"));
        }
    }

    [Fact]
    public async Task Pod_ThatFitsNowhere_SaysWhyAndIsPlacedWhenANodeComes()
    {
        await using var cluster = RunningControllers.Start(nodes: 0);
        var pod = new Pod { Metadata = new() { Namespace = "shop", Name = "lonely" }, Spec = new() { NodeSelector = new Dictionary<string, string>() } };
        (await cluster.CreateAsync(KnownKinds.Pods, pod)).OrThrow();
        await Watching.UntilAsync(
            cluster.Pods,
            pods => pods.Any(item => item.Status.Conditions.Any(condition => condition is { Type: "PodScheduled", Status: "False", Reason: "Unschedulable" })),
            "PodScheduled=False");

        cluster.AddNode("node1");

        await Watching.UntilAsync(cluster.Pods, pods => pods.Any(item => item.Spec.NodeName == "node1"), "the pod on node1");
    }

    [Fact]
    public async Task Namespace_Created_GetsItsFurniture()
    {
        await using var cluster = RunningControllers.Start();
        var furniture = new TaskCompletionSource();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var accounts = new Client.Caches.Reflector<ServiceAccount>(
            cluster.Api.Client, KnownKinds.ServiceAccounts, ListOptions.All, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var maps = new Client.Caches.Reflector<ConfigMap>(
            cluster.Api.Client, KnownKinds.ConfigMaps, ListOptions.All, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var running = Task.WhenAll(accounts.RunAsync(limit.Token), maps.RunAsync(limit.Token));

        await Watching.UntilAsync(accounts.Cache, all => all.Any(item => ObjectKey.Of(item) == new ObjectKey("shop", "default")), "the default account");
        await Watching.UntilAsync(
            maps.Cache, all => all.Any(item => ObjectKey.Of(item) == new ObjectKey("shop", "kube-root-ca.crt") && item.Data["ca.crt"] == "PEM"), "the authority");
        cluster.Api.Remove(KnownKinds.ConfigMaps, "shop", "kube-root-ca.crt");
        await Watching.UntilAsync(maps.Cache, all => all.Count == 0, "the authority to be removed");
        await Watching.UntilAsync(maps.Cache, all => all.Count == 1, "the authority again");

        await limit.CancelAsync();
        await running;
    }

    private static async Task ResyncsAsync(RunningControllers cluster, int count)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = 0;
        cluster.Api.Fault = request =>
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/kube-root-ca.crt", StringComparison.Ordinal) && Interlocked.Increment(ref seen) == count)
            {
                done.SetResult();
            }

            return null;
        };
        await done.Task.WaitAsync(TimeSpan.FromSeconds(20));
        cluster.Api.Fault = null;
    }

    private static async Task SetTemplateAsync(RunningControllers cluster, string image)
    {
        var patch = new JsonObject { ["spec"] = new JsonObject { ["template"] = JsonNode.Parse(RunningControllers.Template(image).GetRawText()) } };
        (await cluster.Api.Client.PatchAsync(
            KnownKinds.Deployments, new("shop", "web"), PatchType.Merge, patch, null, TestContext.Current.CancellationToken)).OrThrow();
    }
}
