namespace Portico.Cli.Echo;

/// <summary>What a request looked like from inside the pod.</summary>
internal sealed record EchoAnswer
{
    public required string Method { get; init; }

    public required string Host { get; init; }

    public required string Path { get; init; }

    /// <summary>As sent, without the question mark.</summary>
    public required string Query { get; init; }

    public required string Protocol { get; init; }

    /// <summary>Values of a repeated header are joined by ", ".</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required EchoBody Body { get; init; }

    /// <summary>The peer of the connection: a proxy, where one stands between.</summary>
    public required string Client { get; init; }

    public required string Pod { get; init; }

    public required string Namespace { get; init; }

    public required string Node { get; init; }
}

internal sealed record EchoBody
{
    public required long Length { get; init; }

    /// <summary>Lower-case hex; absent for an empty body.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The body itself when it is short UTF-8.</summary>
    public string? Text { get; init; }
}
