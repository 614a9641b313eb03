namespace Portico.Net.Nftables;

/// <summary>A chain that others lead to, and all its rules in their order.</summary>
public sealed record RuleChain(string Name, IReadOnlyList<Rule> Rules);
