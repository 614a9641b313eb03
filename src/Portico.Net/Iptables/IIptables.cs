namespace Portico.Net.Iptables;

/// <summary>The iptables rules of one family and network namespace, through the tools that the distribution has.</summary>
public interface IIptables
{
    /// <summary>All tables as <c>iptables-save</c> prints them.</summary>
    /// <exception cref="IOException">The tools are missing, or the kernel refused; the message says which.</exception>
    Task<string> SaveAsync(CancellationToken cancellationToken);

    /// <summary>The same with <c>[packets:bytes]</c> before each rule. May run beside the others.</summary>
    /// <exception cref="IOException">The tools are missing, or the kernel refused; the message says which.</exception>
    Task<string> SaveCountedAsync(CancellationToken cancellationToken);

    /// <summary>Applies a script of <c>iptables-restore --noflush</c>: each of its tables changes in one step, or not at all.</summary>
    /// <exception cref="IOException">The tools are missing, or the script was refused; the tables before the one that failed are changed.</exception>
    Task RestoreAsync(string script, CancellationToken cancellationToken);

    /// <summary>Completes when somebody else may have removed rules or chains.</summary>
    /// <param name="canary">A chain that is there, empty, in the tables nat, filter and mangle: it goes with everything else.</param>
    Task WaitForForeignChangeAsync(string canary, CancellationToken cancellationToken);
}
