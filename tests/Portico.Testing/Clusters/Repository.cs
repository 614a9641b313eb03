namespace Portico.Testing.Clusters;

/// <summary>The source tree that this assembly was built in.</summary>
public static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    private static string Find(string? directory)
    {
        for (var at = directory; at is not null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(Path.Combine(at, "Portico.slnx")))
            {
                return at;
            }
        }

        throw new InvalidOperationException($"no Portico.slnx above {directory}");
    }
}
