using System.Text;
using Portico.Gateway.Dataplane;
using Portico.Gateway.Ingress;
using Portico.Gateway.Metrics;
using Portico.Gateway.Routing;
using Portico.Gateway.Tests.Fakes;

namespace Portico.Gateway.Tests.Ingress;

/// <summary>Pairs in Golden/: NAME.yaml in, NAME.txt out. <c>PORTICO_UPDATE_GOLDEN=1</c> writes the second one.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Cases => [.. Directory.GetFiles(Folder(AppContext.BaseDirectory), "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)!).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Compile_Manifests_GivesTheTableBesideThem(string name)
    {
        var state = new GatewayState(DefaultCertificate.Create(TimeProvider.System));
        var model = new ClusterModel("portico.dev/gateway", state, new MetricsRegistry());
        model.Apply(Certificates.Secret("shop", "good-tls", "shop.test"));
        model.Apply(File.ReadAllText(Path.Combine(Folder(AppContext.BaseDirectory), name + ".yaml")));
        model.Flush(first: true);

        var actual = Text(state, model);
        if (Environment.GetEnvironmentVariable("PORTICO_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(Path.Combine(Source(), name + ".txt"), actual);
            return;
        }

        Assert.Equal(File.ReadAllText(Path.Combine(Folder(AppContext.BaseDirectory), name + ".txt")), actual);
    }

    private static string Text(GatewayState state, ClusterModel model)
    {
        var text = new StringBuilder("# routes\n").Append(state.Current.Routes.ToText()).Append("# endpoints\n");
        foreach (var backend in state.Current.Routes.Routes.Select(route => route.Backend).OfType<Backend>().Distinct().OrderBy(backend => backend.Key.ToString(), StringComparer.Ordinal))
        {
            text.Append(backend.Key).Append(' ').Append(backend.Protocol).Append(" ->");
            foreach (var endpoint in backend.Endpoints)
            {
                text.Append(' ').Append(endpoint.Authority);
            }

            text.Append('\n');
        }

        text.Append("# certificates\n");
        foreach (var host in new[] { "shop.test", "api.shop.test", "other.test" })
        {
            text.Append(host).Append(" -> ").Append(state.Current.Certificates.Find(host).Source).Append('\n');
        }

        text.Append("# problems\n");
        foreach (var (key, problems) in model.Problems.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal))
        {
            foreach (var problem in problems)
            {
                text.Append(key).Append(' ').Append(problem.Reason).Append(": ").Append(problem).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Folder(string root) => Path.Combine(root, "Ingress", "Golden");

    private static string Source()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Portico.slnx")))
        {
            directory = directory.Parent!;
        }

        return Folder(Path.Combine(directory.FullName, "tests", "Portico.Gateway.Tests"));
    }
}
