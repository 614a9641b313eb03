namespace Portico.Proxy.Health;

internal sealed record TinyResponse(int Code, string ContentType, string Body)
{
    /// <summary>One more header, as <c>Name: value</c>.</summary>
    public string? Header { get; init; }

    public static TinyResponse NotFound { get; } = new(404, "text/plain", "not found\n");
}
