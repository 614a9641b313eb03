namespace Portico.Net.Nftables;

/// <summary>One nftables table of one network namespace.</summary>
public interface INftables
{
    /// <summary>Runs a script as one transaction: for what is static. Costs a process.</summary>
    /// <exception cref="IOException">nft refused; nothing was changed.</exception>
    Task RunScriptAsync(string script, CancellationToken cancellationToken);

    /// <summary>Makes the chains that are not there, and replaces the rules of all of them, in one transaction without a process.</summary>
    /// <exception cref="IOException">The kernel refused; nothing was changed.</exception>
    void Write(IReadOnlyList<RuleChain> chains);

    /// <summary>Deletes, then adds, in one transaction without a process. To change the data of an element, delete and add it.</summary>
    /// <exception cref="IOException">The kernel refused; of a change that fits one transaction (8 MB; 1 MB where nothing is deleted) nothing was done.</exception>
    void Apply(IReadOnlyList<SetElement> delete, IReadOnlyList<SetElement> add);

    /// <summary>The elements of a set or map as the kernel has them; null when there is no such table or set.</summary>
    IReadOnlyList<SetElement>? Read(string set);

    /// <summary>Those of the elements that are there: for sets that packets fill, where nobody knows without asking.</summary>
    IReadOnlyList<SetElement> Find(IReadOnlyCollection<SetElement> elements);

    /// <summary>Completes when somebody else changed the table since the last call.</summary>
    Task WaitForForeignChangeAsync(CancellationToken cancellationToken);
}
