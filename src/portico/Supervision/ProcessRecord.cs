using System.Globalization;

namespace Portico.Cli.Supervision;

/// <summary>A process that we started: the pid alone may be somebody else's by now, pid and start time are not.</summary>
/// <param name="StartTime">Clock ticks since boot, field 22 of /proc/PID/stat.</param>
public sealed record ProcessRecord(int Pid, long StartTime)
{
    public bool IsRunning => StartTimeOf(Pid) == StartTime;

    public static ProcessRecord Of(int pid) => new(pid, StartTimeOf(pid) ?? 0);

    public static ProcessRecord? Load(string path)
    {
        var words = File.Exists(path) ? File.ReadAllText(path).Split(' ') : [];
        return words.Length == 2
            && int.TryParse(words[0], CultureInfo.InvariantCulture, out var pid)
            && long.TryParse(words[1], CultureInfo.InvariantCulture, out var start)
                ? new(pid, start)
                : null;
    }

    public void Save(string path) => File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"{Pid} {StartTime}"));

    private static long? StartTimeOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
            // The command name (field 2) may hold spaces and brackets; what follows its last bracket starts with field 3.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
