namespace Portico.Client.Requests;

/// <summary>Content types of PATCH.</summary>
public static class PatchType
{
    public const string Json = "application/json-patch+json";
    public const string Merge = "application/merge-patch+json";
    public const string StrategicMerge = "application/strategic-merge-patch+json";
}
