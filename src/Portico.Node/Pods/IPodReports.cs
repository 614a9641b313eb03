using Portico.Api.Objects;

namespace Portico.Node.Pods;

/// <summary>Takes what the node says about its pods. Never blocks.</summary>
internal interface IPodReports
{
    /// <summary>The newest status; an earlier one that is not yet written is forgotten.</summary>
    void Status(Pod pod, PodStatus status);

    /// <summary>The pod is stopped: writes its last status, then deletes the object for good.</summary>
    void Gone(Pod pod, PodStatus status);

    void Event(Pod pod, bool warning, string reason, string message);
}
