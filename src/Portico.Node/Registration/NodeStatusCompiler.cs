using Portico.Api.Objects;
using Portico.Node.Agents;
using NodeObject = Portico.Api.Objects.Node;

namespace Portico.Node.Registration;

/// <summary>Computes the Node object of this node.</summary>
internal static class NodeStatusCompiler
{
    public static NodeObject Registration(NodeAgentOptions options) => new()
    {
        Metadata = new()
        {
            Name = options.NodeName,
            Labels = new Dictionary<string, string>
            {
                ["kubernetes.io/hostname"] = options.NodeName,
                ["kubernetes.io/os"] = "linux",
                ["kubernetes.io/arch"] = Machine.Architecture,
                ["beta.kubernetes.io/os"] = "linux",
                ["beta.kubernetes.io/arch"] = Machine.Architecture,
            },
        },
    };

    /// <param name="before">Conditions keep the time of their last change.</param>
    /// <param name="stopping">The agent is going: nothing more can be started here.</param>
    public static NodeStatus Status(NodeAgentOptions options, Machine machine, IReadOnlyList<Condition> before, bool stopping, DateTimeOffset now) => new()
    {
        Capacity = machine.Capacity,
        Allocatable = machine.Capacity,
        Addresses =
        [
            new() { Type = "InternalIP", Address = options.NodeAddress.ToString() },
            new() { Type = "Hostname", Address = options.NodeName },
        ],
        DaemonEndpoints = new() { KubeletEndpoint = new() { Port = options.Port } },
        NodeInfo = machine.Info,
        Conditions =
        [
            Of("MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available", before, now),
            Of("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", before, now),
            Of("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available", before, now),
            stopping
                ? Of("Ready", false, "KubeletNotReady", "the node agent was stopped", before, now)
                : Of("Ready", true, "KubeletReady", "the node agent runs pods", before, now),
        ],
    };

    private static Condition Of(string type, bool status, string reason, string message, IReadOnlyList<Condition> before, DateTimeOffset now)
    {
        var text = status ? "True" : "False";
        var known = before.FirstOrDefault(condition => condition.Type == type);
        return new()
        {
            Type = type,
            Status = text,
            Reason = reason,
            Message = message,
            LastHeartbeatTime = now,
            LastTransitionTime = known?.Status == text ? known.LastTransitionTime : now,
        };
    }
}
