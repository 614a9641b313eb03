using Portico.Net.Processes;

namespace Portico.EndToEnd.Clusters;

internal static class Needs
{
    public static void Root() => Assert.SkipUnless(Privileges.IsRoot, "needs root: it makes network namespaces");
}
