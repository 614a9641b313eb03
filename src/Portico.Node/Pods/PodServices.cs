using Microsoft.Extensions.Logging;
using Portico.Node.Agents;
using Portico.Node.Containers;
using Portico.Node.Networks;
using Portico.Node.Probes;
using Portico.Node.Records;
using Portico.Node.Volumes;

namespace Portico.Node.Pods;

/// <summary>What every pod of a node works with.</summary>
internal sealed record PodServices
{
    public required NodeAgentOptions Options { get; init; }

    public required IPodRuntime Runtime { get; init; }

    public required IProber Prober { get; init; }

    public required IClusterObjects Objects { get; init; }

    public required IPodReports Reports { get; init; }

    public required RecordStore Store { get; init; }

    public required AddressPool Addresses { get; init; }

    public required ILogger Logger { get; init; }

    public TimeProvider Time => Options.Time;

    public PodFiles Files => field ??= new(Store, Objects, Options);
}
