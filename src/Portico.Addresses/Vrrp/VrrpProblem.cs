namespace Portico.Addresses.Vrrp;

/// <param name="Message">Says what was seen, where, and what to do.</param>
/// <param name="Count">How often.</param>
/// <param name="Last">When it was seen last.</param>
public sealed record VrrpProblem(VrrpProblemKind Kind, string Message, long Count, DateTimeOffset Last);
