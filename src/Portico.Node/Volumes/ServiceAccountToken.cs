namespace Portico.Node.Volumes;

internal sealed record ServiceAccountToken(string Token, DateTimeOffset Expires)
{
    // Not with its content.
    public override string ToString() => $"token that expires {Expires:O}";
}
