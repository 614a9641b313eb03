using System.Globalization;

namespace Portico.Proxy.Nodes;

/// <summary>How likely the kernel is to end this process when memory runs out.</summary>
public static class OomScore
{
    /// <returns>Why it could not be set, if so: the proxy works without.</returns>
    public static IEnumerable<string> Set(int adjustment)
    {
        const string path = "/proc/self/oom_score_adj";
        try
        {
            File.WriteAllText(path, adjustment.ToString(CultureInfo.InvariantCulture));
            return [];
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return [$"{path} could not be set to {adjustment}: {refused.Message}"];
        }
    }
}
