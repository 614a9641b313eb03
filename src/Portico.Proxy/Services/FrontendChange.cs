namespace Portico.Proxy.Services;

/// <summary>Added when <paramref name="Old"/> is null, removed when <paramref name="New"/> is.</summary>
public sealed record FrontendChange(FrontendKey Key, Frontend? Old, Frontend? New);
