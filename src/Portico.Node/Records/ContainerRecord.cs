using System.Text.Json.Serialization;
using Portico.Net.Processes;

namespace Portico.Node.Records;

/// <summary>The newest run of a container, as kept on disk.</summary>
internal sealed record ContainerRecord
{
    public required string Name { get; init; }

    /// <summary>Names the run: 64 hexadecimal digits, without the <c>portico://</c> in front.</summary>
    public required string Id { get; init; }

    public bool IsInit { get; init; }

    public required string Image { get; init; }

    /// <summary>The container's first process, and its start time, so that a later process of the same number is not taken for it.</summary>
    public int Pid { get; init; }

    public long PidStartTime { get; init; }

    public int RestartCount { get; init; }

    /// <summary>How many times in a row it ended soon after its start; decides the back-off.</summary>
    public int BackOffs { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Null while it runs.</summary>
    public Termination? Ended { get; init; }

    /// <summary>The run before this one.</summary>
    public Termination? Previous { get; init; }

    /// <summary>A startup probe has succeeded, or there is none.</summary>
    public bool Started { get; init; }

    /// <summary>The postStart hook has ended, or there is none.</summary>
    public bool HookDone { get; init; }

    [JsonIgnore]
    public ProcessIdentity Process => new(Pid, PidStartTime);
}
