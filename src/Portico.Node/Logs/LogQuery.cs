using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Portico.Node.Logs;

/// <summary>Which part of a log is asked for (core/v1 PodLogOptions).</summary>
internal sealed record LogQuery
{
    public bool Follow { get; init; }

    public bool Previous { get; init; }

    public bool Timestamps { get; init; }

    /// <summary>Null: all lines.</summary>
    public long? TailLines { get; init; }

    public long? LimitBytes { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <returns>Null and the reason, when a value is none.</returns>
    public static LogQuery? TryRead(IQueryCollection query, DateTimeOffset now, out string error)
    {
        error = "";
        if (!TryNumber(query, "tailLines", out var tail, ref error) | !TryNumber(query, "limitBytes", out var limit, ref error)
            | !TryNumber(query, "sinceSeconds", out var seconds, ref error))
        {
            return null;
        }

        DateTimeOffset? since = seconds is { } ago ? now - TimeSpan.FromSeconds(ago) : null;
        if (query["sinceTime"].ToString() is { Length: > 0 } text)
        {
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            {
                error = $"sinceTime: \"{text}\" is no RFC 3339 time";
                return null;
            }

            since = time;
        }

        return new()
        {
            Follow = Flag(query, "follow"),
            Previous = Flag(query, "previous"),
            Timestamps = Flag(query, "timestamps"),
            TailLines = tail,
            LimitBytes = limit,
            Since = since,
        };
    }

    private static bool Flag(IQueryCollection query, string name) => query[name].ToString() is "true" or "1";

    private static bool TryNumber(IQueryCollection query, string name, out long? number, ref string error)
    {
        number = null;
        if (query[name].ToString() is not { Length: > 0 } text)
        {
            return true;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            error = $"{name}: \"{text}\" is no number of 0 or more";
            return false;
        }

        number = value;
        return true;
    }
}
