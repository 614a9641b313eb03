using System.CommandLine;

namespace Portico.Cli.Verbs;

internal static class KubeconfigVerb
{
    public static Command Create()
    {
        var name = ClusterVerb.NameOption();
        var command = new Command("kubeconfig", "Print the path of the cluster's kubeconfig") { name };
        command.SetAction(parsed =>
        {
            if (ClusterVerb.Find(parsed.GetRequiredValue(name)) is not { } home)
            {
                return 1;
            }

            if (!File.Exists(home.Kubeconfig))
            {
                return ClusterVerb.Fail($"there is no cluster {home.Name} in {Path.GetDirectoryName(home.Root)}: make it with portico up --name {home.Name}");
            }

            Console.WriteLine(home.Kubeconfig);
            return 0;
        });
        return command;
    }
}
