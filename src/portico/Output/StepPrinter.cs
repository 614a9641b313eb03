using System.Globalization;

namespace Portico.Cli.Output;

/// <summary>One line a step, with the time since the start. Bold and green only on a terminal.</summary>
public sealed class StepPrinter(TextWriter output, bool terminal, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public static StepPrinter ForConsole() => new(Console.Out, !Console.IsOutputRedirected, TimeProvider.System);

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    public void Done(string what) => Line("✓", "32", what);

    public void Say(string what) => Line("·", "2", what);

    private void Line(string mark, string colour, string what)
    {
        var seconds = Elapsed.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture).PadLeft(6);
        output.WriteLine(terminal ? $"\e[{colour}m{mark}\e[0m \e[2m{seconds}s\e[0m  {what}" : $"{mark} {seconds}s  {what}");
        output.Flush();
    }
}
