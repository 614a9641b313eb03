using System.Runtime.CompilerServices;

namespace Portico.Proxy.Tests;

/// <summary>Compares with a file beside the test. <c>PORTICO_UPDATE_GOLDEN=1</c> writes the file instead: look at the difference before you commit it.</summary>
internal static class Golden
{
    public static void Matches(string actual, string file, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(caller)!, "Golden", file);
        if (Environment.GetEnvironmentVariable("PORTICO_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is missing; PORTICO_UPDATE_GOLDEN=1 writes it");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
