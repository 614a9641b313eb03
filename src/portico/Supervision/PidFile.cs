using System.Globalization;
using Portico.Net.Processes;

namespace Portico.Cli.Supervision;

/// <summary>A process that we started, on disk: number and start time.</summary>
internal static class PidFile
{
    public static void Write(string path, int pid)
    {
        // One that has ended already leaves nothing to remember.
        if (ProcessIdentity.Of(pid) is { } process)
        {
            File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"{process.Pid} {process.StartTime}"));
        }
    }

    /// <summary>Null: there is none, or it is not whole.</summary>
    public static ProcessIdentity? Read(string path)
    {
        var words = File.Exists(path) ? File.ReadAllText(path).Split(' ') : [];
        return words.Length == 2
            && int.TryParse(words[0], CultureInfo.InvariantCulture, out var pid)
            && long.TryParse(words[1], CultureInfo.InvariantCulture, out var start)
                ? new(pid, start)
                : null;
    }
}
