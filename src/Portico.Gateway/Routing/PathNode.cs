using System.Collections.Frozen;

namespace Portico.Gateway.Routing;

/// <summary>A node of a host's prefix trie; an edge is one path element.</summary>
internal sealed class PathNode(Route? route, FrozenDictionary<string, PathNode> children)
{
    private readonly Route? _route = route;
    private readonly FrozenDictionary<string, PathNode>.AlternateLookup<ReadOnlySpan<char>> _children = children.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The route of the longest prefix of <paramref name="path"/>, which is in normal form.</summary>
    public Route? Longest(ReadOnlySpan<char> path)
    {
        var node = this;
        var found = _route;
        while (path.Length > 1)
        {
            var rest = path[1..];
            var slash = rest.IndexOf('/');
            var element = slash < 0 ? rest : rest[..slash];
            if (!node._children.TryGetValue(element, out var child))
            {
                break;
            }

            node = child;
            found = node._route ?? found;
            path = slash < 0 ? default : rest[slash..];
        }

        return found;
    }

    internal sealed class Builder
    {
        private readonly Dictionary<string, Builder> _children = new(StringComparer.Ordinal);
        private Route? _route;

        public void Add(string path, Route route)
        {
            var node = this;
            foreach (var element in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!node._children.TryGetValue(element, out var child))
                {
                    node._children.Add(element, child = new());
                }

                node = child;
            }

            node._route ??= route;
        }

        public PathNode Build() => new(_route, _children.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.Build(), StringComparer.Ordinal));
    }
}
