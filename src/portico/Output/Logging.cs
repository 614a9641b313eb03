using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Portico.Cli.Output;

/// <summary>Logs go to standard error, a line each; the environment's PORTICO_LOG (Debug, Information, …) says from which level.</summary>
internal static class Logging
{
    public static ILoggerFactory Create(LogLevel least) => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(Enum.TryParse<LogLevel>(Environment.GetEnvironmentVariable("PORTICO_LOG"), true, out var asked) ? asked : least)
        .AddConsole(options =>
        {
            options.FormatterName = ConsoleFormatterNames.Simple;
            options.LogToStandardErrorThreshold = LogLevel.Trace;
        })
        .AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "HH:mm:ss.fff ";
            options.ColorBehavior = LoggerColorBehavior.Disabled;
        }));
}
