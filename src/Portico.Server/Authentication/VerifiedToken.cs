namespace Portico.Server.Authentication;

/// <summary>A service account token that holds now.</summary>
internal sealed record VerifiedToken(UserInfo User, IReadOnlyList<string> Audiences);
