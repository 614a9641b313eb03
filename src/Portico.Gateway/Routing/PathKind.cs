namespace Portico.Gateway.Routing;

internal enum PathKind
{
    /// <summary>The whole path, case-sensitive.</summary>
    Exact,

    /// <summary>Whole path elements from the start; a trailing slash means nothing.</summary>
    Prefix,

    /// <summary>What no path of the host matched.</summary>
    Default,
}
