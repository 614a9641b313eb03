using Portico.Api.Objects;

namespace Portico.Node.Containers;

/// <summary>What our own binary needs beside a pod's environment: where its runtime is, and who it runs as.</summary>
internal static class BuiltInEnvironment
{
    public static void Add(Dictionary<string, string> variables, Pod pod)
    {
        foreach (var name in (ReadOnlySpan<string>)["DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                variables.TryAdd(name, value);
            }
        }

        // Its pipes would stay in the machine's /tmp after a kill.
        variables.TryAdd("DOTNET_EnableDiagnostics", "0");
        variables.TryAdd("POD_NAME", pod.Metadata.Name);
        variables.TryAdd("POD_NAMESPACE", pod.Metadata.Namespace);
        variables.TryAdd("POD_IP", pod.Status.PodIP ?? "");
        variables.TryAdd("NODE_NAME", pod.Spec.NodeName ?? "");
    }
}
