namespace Portico.Server.Authentication;

/// <summary>Names of groups and users that mean something to the server.</summary>
internal static class UserGroups
{
    public const string Authenticated = "system:authenticated";
    public const string Masters = "system:masters";
    public const string Nodes = "system:nodes";
    public const string NodePrefix = "system:node:";
    public const string ServiceAccounts = "system:serviceaccounts";
    public const string ServiceAccountPrefix = "system:serviceaccount:";

    public static string ServiceAccountsOf(string @namespace) => $"{ServiceAccounts}:{@namespace}";
}
