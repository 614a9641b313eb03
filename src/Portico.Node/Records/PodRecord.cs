namespace Portico.Node.Records;

/// <summary>What the node knows of a pod that it runs, as kept on disk: enough for the next agent to go on with it, or to remove it.</summary>
internal sealed record PodRecord
{
    /// <summary>Short and unique on the machine: part of the names of its network namespace and interface.</summary>
    public required string Id { get; init; }

    public required string Uid { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string Address { get; init; }

    public DateTimeOffset StartTime { get; init; }

    /// <summary>All containers have ended for good; the network is given back.</summary>
    public bool Finished { get; init; }

    public IReadOnlyList<ContainerRecord> Containers { get => field ?? []; init; }

    /// <summary>Of a pod whose record can't be read: only its id is known.</summary>
    public static PodRecord Unknown(string id) => new() { Id = id, Uid = "", Namespace = "", Name = "", Address = "" };

    public ContainerRecord? Find(string container) => Containers.FirstOrDefault(record => record.Name == container);

    public PodRecord With(ContainerRecord container) =>
        this with { Containers = [.. Containers.Where(record => record.Name != container.Name), container] };
}
