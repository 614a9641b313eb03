namespace Portico.Cli.Echo;

/// <summary>Who answers. A pod's manifest hands it over by the downward API; without that, the host name is all there is.</summary>
internal sealed record EchoIdentity(string Pod, string Namespace, string Node)
{
    public static EchoIdentity FromEnvironment() => new(
        Variable("POD_NAME") ?? Environment.MachineName,
        Variable("POD_NAMESPACE") ?? "",
        Variable("NODE_NAME") ?? "");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
