namespace Portico.Gateway.Dataplane;

/// <summary>A response that the gateway gives itself.</summary>
/// <param name="Message">For a person; names what was missing.</param>
internal readonly record struct LocalAnswer(int Status, string Message);
