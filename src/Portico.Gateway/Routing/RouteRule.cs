namespace Portico.Gateway.Routing;

/// <summary>One line of the route table.</summary>
/// <param name="Host">Lower case; "*.example.com" for one label more, "" for every host.</param>
/// <param name="Path">In the normal form of <see cref="RequestPath"/>; "" for <see cref="PathKind.Default"/>.</param>
/// <param name="Backend">Null when what the rule names doesn't exist: requests get 503.</param>
/// <param name="Owner">Namespace and name of the object that the rule comes from.</param>
/// <param name="Field">The field of it.</param>
internal sealed record RouteRule(string Host, PathKind Kind, string Path, BackendKey? Backend, string Owner, string Field)
{
    public override string ToString() =>
        $"{(Host.Length == 0 ? "*" : Host)} {Kind} {(Path.Length == 0 ? "*" : Path)} -> {Backend?.ToString() ?? "(none)"} [{Owner} {Field}]";
}
