using System.Security.Cryptography;

namespace Portico.Server.Resources;

/// <summary>Makes names from generateName, as upstream does.</summary>
internal static class ObjectNames
{
    // No vowels and no look-alikes (apimachinery util/rand).
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int Random = 5;
    private const int MaxLength = 63;

    public static string Generate(string prefix) =>
        (prefix.Length > MaxLength - Random ? prefix[..(MaxLength - Random)] : prefix) + RandomNumberGenerator.GetString(Alphabet, Random);
}
