using System.CommandLine;
using Portico.Cli.Clusters;

namespace Portico.Cli.Verbs;

/// <summary>What the verbs of the local shape share: the name of the cluster.</summary>
internal static class ClusterVerb
{
    public static Option<string> NameOption() => new("--name")
    {
        Description = "Name of the cluster",
        DefaultValueFactory = _ => "portico",
        HelpName = "NAME",
    };

    /// <summary>Null after the reason was printed.</summary>
    public static ClusterHome? Find(string name)
    {
        if (!ClusterHome.IsValidName(name))
        {
            Fail($"--name {name}: a cluster name is lower-case letters, digits and '-', at most 20, as \"dev\"");
            return null;
        }

        return ClusterHome.Of(name);
    }

    /// <summary>Null after the reason was printed: there is no such cluster, or it does not run.</summary>
    public static ClusterHome? FindRunning(string name)
    {
        if (Find(name) is not { } home)
        {
            return null;
        }

        if (ClusterLock.Holder(home) is null)
        {
            Fail($"cluster {name} is not running: start it with portico up{(name == "portico" ? "" : $" --name {name}")}");
            return null;
        }

        return home;
    }

    public static int Fail(string why)
    {
        Console.Error.WriteLine($"portico: {why}");
        return 1;
    }
}
