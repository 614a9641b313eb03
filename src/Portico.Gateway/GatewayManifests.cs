namespace Portico.Gateway;

/// <summary>What is applied to a cluster to run the gateway: <c>deploy/gateway.yaml</c>.</summary>
public static class GatewayManifests
{
    public static string Text { get; } = Read();

    private static string Read()
    {
        using var stream = typeof(GatewayManifests).Assembly.GetManifestResourceStream("gateway.yaml")
            ?? throw new InvalidOperationException("gateway.yaml is not embedded in Portico.Gateway");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
