using Portico.Api.Objects;

namespace Portico.Proxy.Services;

/// <summary>What a Service asks by annotation for its connections.</summary>
/// <param name="Cuts">TCP connections to an endpoint that no longer serves are cut. Without it they go on until they end by themselves.</param>
/// <param name="ProxyProtocol">What endpoints are told of the client before its first byte.</param>
/// <param name="KeepsClient">
/// Clients from outside keep their address although externalTrafficPolicy is Cluster: for networks where what an endpoint answers goes back
/// through the node that holds the address.
/// </param>
internal readonly record struct ConnectionOptions(bool Cuts, ProxyProtocolVersion ProxyProtocol, Algorithm Algorithm, bool KeepsClient)
{
    public const string DrainAnnotation = "portico.dev/drain";
    public const string ProxyProtocolAnnotation = "portico.dev/proxy-protocol";
    public const string AlgorithmAnnotation = "portico.dev/algorithm";
    public const string ClientAddressAnnotation = "portico.dev/client-address";

    public static ConnectionOptions Compile(Service service, CompileContext context, List<string> problems)
    {
        var annotations = service.Metadata.Annotations;
        var cuts = false;
        if (annotations.TryGetValue(DrainAnnotation, out var drain))
        {
            cuts = drain == "cut";
            if (drain is not ("cut" or "wait"))
            {
                problems.Add($"metadata.annotations[{DrainAnnotation}]: '{drain}' is none of cut, wait; connections are left to end by themselves");
            }
        }

        return new(cuts, Version(annotations, context, problems), AlgorithmOf(annotations, context, problems), KeepsClientAddress(annotations, problems));
    }

    private static Algorithm AlgorithmOf(IReadOnlyDictionary<string, string> annotations, CompileContext context, List<string> problems)
    {
        var otherwise = context.Mode == ProxyMode.Userspace ? "round-robin" : "random";
        switch (annotations.GetValueOrDefault(AlgorithmAnnotation))
        {
            case null or "random":
                return Algorithm.Random;
            case "round-robin":
                return Algorithm.RoundRobin;
            case ("source-hash" or "maglev") and var hashed when context.Mode != ProxyMode.Nftables:
                problems.Add($"metadata.annotations[{AlgorithmAnnotation}]: only mode nftables can do {hashed}; {otherwise} is used");
                return Algorithm.Random;
            case "source-hash":
                return Algorithm.SourceHash;
            case "maglev":
                return Algorithm.Maglev;
            case var unknown:
                problems.Add($"metadata.annotations[{AlgorithmAnnotation}]: '{unknown}' is none of random, round-robin, source-hash, maglev; {otherwise} is used");
                return Algorithm.Random;
        }
    }

    private static bool KeepsClientAddress(IReadOnlyDictionary<string, string> annotations, List<string> problems)
    {
        if (!annotations.TryGetValue(ClientAddressAnnotation, out var text))
        {
            return false;
        }

        if (text != "keep")
        {
            problems.Add($"metadata.annotations[{ClientAddressAnnotation}]: '{text}' is not keep; clients are masqueraded as externalTrafficPolicy says");
        }

        return text == "keep";
    }

    private static ProxyProtocolVersion Version(IReadOnlyDictionary<string, string> annotations, CompileContext context, List<string> problems)
    {
        if (!annotations.TryGetValue(ProxyProtocolAnnotation, out var text))
        {
            return ProxyProtocolVersion.None;
        }

        if (text is not ("v1" or "v2"))
        {
            problems.Add($"metadata.annotations[{ProxyProtocolAnnotation}]: '{text}' is none of v1, v2; endpoints are told nothing of the client");
            return ProxyProtocolVersion.None;
        }

        if (context.Mode != ProxyMode.Userspace)
        {
            problems.Add($"metadata.annotations[{ProxyProtocolAnnotation}]: only mode userspace can do that; endpoints are told nothing of the client");
            return ProxyProtocolVersion.None;
        }

        return text == "v1" ? ProxyProtocolVersion.V1 : ProxyProtocolVersion.V2;
    }
}
