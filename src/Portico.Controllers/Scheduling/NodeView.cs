using Portico.Api.Objects;
using Portico.Controllers.Pods;

namespace Portico.Controllers.Scheduling;

/// <summary>A node with the pods that are on it or have just been put there.</summary>
internal sealed class NodeView
{
    private readonly Dictionary<string, decimal> _used = new(StringComparer.Ordinal);
    private readonly HashSet<(string Protocol, int Port)> _hostPorts = [];
    private readonly Dictionary<string, int> _byOwner = new(StringComparer.Ordinal);

    public NodeView(Node node, IEnumerable<Pod> pods)
    {
        Node = node;
        foreach (var pod in pods)
        {
            if (!PodFacts.IsTerminal(pod))
            {
                Add(pod);
            }
        }
    }

    public Node Node { get; }

    /// <summary>Pods that have not ended, those that are stopping included: they still hold their resources.</summary>
    public int Pods { get; private set; }

    public int Active { get; private set; }

    public int OfOwner(string? uid) => uid is null ? 0 : _byOwner.GetValueOrDefault(uid);

    public decimal Used(string resource) => _used.GetValueOrDefault(resource);

    public bool HasPort(string protocol, int port) => _hostPorts.Contains((protocol, port));

    private void Add(Pod pod)
    {
        Pods++;
        foreach (var (name, value) in Resources.Of(pod))
        {
            _used[name] = _used.GetValueOrDefault(name) + value;
        }

        foreach (var container in pod.Spec.Containers)
        {
            foreach (var port in container.Ports)
            {
                if (port.HostPort is > 0 and var number)
                {
                    _hostPorts.Add((port.Protocol ?? "TCP", number));
                }
            }
        }

        if (pod.Metadata.DeletionTimestamp is not null)
        {
            return;
        }

        Active++;
        if (pod.Metadata.ControllerOwner()?.Uid is { } owner)
        {
            _byOwner[owner] = _byOwner.GetValueOrDefault(owner) + 1;
        }
    }
}
