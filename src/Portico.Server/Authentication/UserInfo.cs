namespace Portico.Server.Authentication;

/// <summary>Who makes a request (authentication.k8s.io UserInfo).</summary>
public sealed record UserInfo(string Name, IReadOnlyList<string> Groups)
{
    public static readonly UserInfo Anonymous = new("system:anonymous", ["system:unauthenticated"]);

    public string? Uid { get; init; }

    public IReadOnlyDictionary<string, string> Extra { get; init; } = new Dictionary<string, string>();

    public bool IsIn(string group)
    {
        foreach (var one in Groups)
        {
            if (one == group)
            {
                return true;
            }
        }

        return false;
    }
}
