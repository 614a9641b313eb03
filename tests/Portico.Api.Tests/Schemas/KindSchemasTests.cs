using Portico.Api.Json;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Api.Schemas;

namespace Portico.Api.Tests.Schemas;

public sealed class KindSchemasTests
{
    public static TheoryData<string> Kinds => [.. KnownKinds.All.Select(kind => kind.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void For_KnownKind_HasFieldsThatAllResolve(string name)
    {
        var kind = KnownKinds.All.Single(kind => kind.Kind == name);
        var schema = KindSchemas.For(kind);

        Assert.NotSame(ObjectSchema.Unknown, schema);
        Assert.Equal(["apiVersion", "kind", "metadata"], schema.Fields.Take(3).Select(field => field.Name));
        Assert.Equal(kind.HasStatus, schema.Field("status") is not null);
        Assert.All(Reachable(schema), item =>
        {
            Assert.True(item.Fields.Count > 0, $"{item.Name} has no fields");
            Assert.All(item.Fields, field => Assert.True(field.Description.Length > 0 && field.Description[^1] is '.', $"{item.Name}.{field.Name} has no description"));
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void For_KnownKind_HasEveryFieldOfItsRecord(string name)
    {
        var kind = KnownKinds.All.Single(kind => kind.Kind == name);
        var record = typeof(IObject).Assembly.GetType($"Portico.Api.Objects.{name}")!;

        Assert.Empty(Missing(record, KindSchemas.For(kind), name, []));
    }

    [Fact]
    public void For_UnknownKind_AcceptsEverything()
    {
        var schema = KindSchemas.For(new("example.com", "v1", "Widget", "widgets", true));

        Assert.True(schema.IsOpen);
        Assert.Empty(schema.Fields);
    }

    [Fact]
    public void Fields_OfPodSpec_CarryMergeKeysAndStrategies()
    {
        var spec = KindSchemas.Find("io.k8s.api.core.v1.PodSpec")!;

        Assert.Equal("name", spec.Field("containers")!.MergeKey);
        Assert.Equal(PatchStrategy.Merge | PatchStrategy.RetainKeys, spec.Field("volumes")!.PatchStrategy);
        Assert.True(spec.Field("containers")!.Required);
        Assert.Equal(["topologyKey", "whenUnsatisfiable"], spec.Field("topologySpreadConstraints")!.ListMapKeys);
        Assert.Equal(ListType.Atomic, spec.Field("tolerations")!.ListType);
    }

    [Fact]
    public void Find_SubresourceBodies_AreThere()
    {
        Assert.NotNull(KindSchemas.Find("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"));
        Assert.NotNull(KindSchemas.Find("io.k8s.apimachinery.pkg.apis.meta.v1.Status"));
        Assert.NotSame(ObjectSchema.Unknown, KindSchemas.For("autoscaling", "v1", "Scale"));
        Assert.NotSame(ObjectSchema.Unknown, KindSchemas.For("authorization.k8s.io", "v1", "SelfSubjectAccessReview"));
        Assert.NotSame(ObjectSchema.Unknown, KindSchemas.For("authentication.k8s.io", "v1", "TokenRequest"));
        Assert.Null(KindSchemas.Find("io.k8s.api.core.v1.Nothing"));
        Assert.Null(KindSchemas.Find("x"));
    }

    private static HashSet<ObjectSchema> Reachable(ObjectSchema root)
    {
        var seen = new HashSet<ObjectSchema>();
        var open = new Queue<ObjectSchema>([root]);
        while (open.TryDequeue(out var schema))
        {
            if (!seen.Add(schema))
            {
                continue;
            }

            foreach (var field in schema.Fields)
            {
                var value = field.Value;
                while (value.Element is { } element)
                {
                    value = element;
                }

                if (value.Object is { } target)
                {
                    open.Enqueue(target);
                }
            }
        }

        return seen;
    }

    private static IEnumerable<string> Missing(Type record, ObjectSchema schema, string path, HashSet<Type> seen)
    {
        if (!seen.Add(record) || record.Namespace != "Portico.Api.Objects")
        {
            yield break;
        }

        foreach (var property in ApiJson.Wire.GetTypeInfo(record).Properties)
        {
            var field = schema.Field(property.Name);
            // One record reads the conditions of every kind, one every reference, one the addresses of Services and Ingresses.
            if (field is null && record != typeof(Condition) && record != typeof(LocalReference) && record != typeof(ObjectReference) && record != typeof(LoadBalancerIngress))
            {
                yield return $"{path}.{property.Name}";
            }

            var value = field?.Value;
            while (value?.Element is { } element)
            {
                value = element;
            }

            var type = property.PropertyType.IsGenericType ? property.PropertyType.GenericTypeArguments[^1] : property.PropertyType;
            if (value?.Object is { } target)
            {
                foreach (var missing in Missing(type, target, $"{path}.{property.Name}", seen))
                {
                    yield return missing;
                }
            }
        }
    }
}
