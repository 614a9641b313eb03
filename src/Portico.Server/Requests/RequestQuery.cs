using System.Globalization;
using Microsoft.AspNetCore.Http;
using Portico.Api.Statuses;
using Portico.Server.Answers;

namespace Portico.Server.Requests;

/// <summary>The options of a request (meta/v1 ListOptions, CreateOptions, PatchOptions …), all in one.</summary>
internal sealed record RequestQuery
{
    public string LabelSelector { get; private init; } = "";

    public string FieldSelector { get; private init; } = "";

    public bool Watch { get; private init; }

    public bool AllowWatchBookmarks { get; private init; }

    public bool SendInitialEvents { get; private init; }

    public string ResourceVersion { get; private init; } = "";

    public string ResourceVersionMatch { get; private init; } = "";

    public int Limit { get; private init; }

    public string Continue { get; private init; } = "";

    public int? TimeoutSeconds { get; private init; }

    public bool DryRun { get; private init; }

    public FieldValidation FieldValidation { get; private init; }

    /// <summary>Of a Table: None, Metadata or Object.</summary>
    public string IncludeObject { get; private init; } = "";

    public static bool TryRead(IQueryCollection query, out RequestQuery options, out Status? refusal)
    {
        refusal = null;
        var watch = Flag(query, "watch");
        options = new()
        {
            LabelSelector = query["labelSelector"].ToString(),
            FieldSelector = query["fieldSelector"].ToString(),
            Watch = watch,
            AllowWatchBookmarks = Flag(query, "allowWatchBookmarks"),
            SendInitialEvents = Flag(query, "sendInitialEvents"),
            ResourceVersion = query["resourceVersion"].ToString(),
            ResourceVersionMatch = query["resourceVersionMatch"].ToString(),
            Limit = Math.Max(0, Number(query, "limit", ref refusal) ?? 0),
            Continue = query["continue"].ToString(),
            TimeoutSeconds = Number(query, "timeoutSeconds", ref refusal),
            DryRun = query["dryRun"].Count > 0 && query["dryRun"][0] is { Length: > 0 },
            FieldValidation = query["fieldValidation"].ToString() switch
            {
                "Ignore" => FieldValidation.Ignore,
                "Strict" => FieldValidation.Strict,
                _ => FieldValidation.Warn,
            },
            IncludeObject = query["includeObject"].ToString(),
        };
        if (query["dryRun"].ToString() is not ("" or "All") and var dryRun)
        {
            refusal = Refusal.BadRequest($"dryRun: Unsupported value: \"{dryRun}\": supported values: \"All\"");
        }
        else if (query["fieldValidation"].ToString() is not ("" or "Ignore" or "Warn" or "Strict") and var validation)
        {
            refusal = Refusal.BadRequest($"fieldValidation: Unsupported value: \"{validation}\": supported values: \"Ignore\", \"Warn\", \"Strict\"");
        }

        return refusal is null;
    }

    private static bool Flag(IQueryCollection query, string name) => query[name].ToString() is "true" or "1" or "True";

    private static int? Number(IQueryCollection query, string name, ref Status? refusal)
    {
        var text = query[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        refusal = Refusal.BadRequest($"{name}: \"{text}\" is no number");
        return null;
    }
}
