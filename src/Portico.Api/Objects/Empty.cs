using System.Collections.Frozen;

namespace Portico.Api.Objects;

internal static class Empty
{
    public static readonly IReadOnlyDictionary<string, string> Map = FrozenDictionary<string, string>.Empty;
}
