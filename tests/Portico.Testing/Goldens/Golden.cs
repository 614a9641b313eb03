using System.Runtime.CompilerServices;
using System.Text;

namespace Portico.Testing.Goldens;

/// <summary>Compares texts with files that are kept beside the tests. PORTICO_UPDATE_GOLDEN=1 writes the files instead.</summary>
public static class Golden
{
    private const string Update = "PORTICO_UPDATE_GOLDEN";

    /// <param name="path">Below the folder of the calling test file, as <c>golden/web.nft</c>.</param>
    /// <param name="text">What the code under test made.</param>
    /// <param name="caller">Set by the compiler.</param>
    /// <exception cref="InvalidOperationException">The file is missing, or differs: the message has the first line that does.</exception>
    public static void Check(string path, string text, [CallerFilePath] string caller = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(caller)!, path);
        var actual = text.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            return;
        }

        if (!File.Exists(file))
        {
            throw new InvalidOperationException($"{file} is missing; run the test with {Update}=1 and read what it wrote");
        }

        var expected = File.ReadAllText(file).ReplaceLineEndings("\n");
        if (expected != actual)
        {
            throw new InvalidOperationException(Difference(file, expected.Split('\n'), actual.Split('\n')));
        }
    }

    private static string Difference(string file, string[] expected, string[] actual)
    {
        var line = 0;
        while (line < expected.Length && line < actual.Length && expected[line] == actual[line])
        {
            line++;
        }

        return $"""
            {file} differs at line {line + 1} (PORTICO_UPDATE_GOLDEN=1 rewrites it)
            expected: {(line < expected.Length ? expected[line] : "the end")}
            actual:   {(line < actual.Length ? actual[line] : "the end")}
            """;
    }
}
