using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Requests;

namespace Portico.Server.Resources;

/// <summary>meta/v1 DeleteOptions, from the body or the query.</summary>
internal sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    /// <summary>Background, Foreground or Orphan; null: Background.</summary>
    public string? PropagationPolicy { get; init; }

    public bool DryRun { get; init; }

    public static (DeleteOptions Options, Status? Refusal) Read(JsonNode? body, HttpRequest request)
    {
        var query = request.Query;
        var options = new DeleteOptions
        {
            GracePeriodSeconds = body.Number("gracePeriodSeconds")
                ?? (long.TryParse(query["gracePeriodSeconds"].ToString(), out var seconds) ? seconds : null),
            Uid = body.Text("preconditions", "uid"),
            ResourceVersion = body.Text("preconditions", "resourceVersion"),
            PropagationPolicy = body.Text("propagationPolicy") ?? (query["propagationPolicy"].ToString() is { Length: > 0 } policy ? policy : null)
                ?? (body.Flag("orphanDependents") == true ? "Orphan" : null),
            DryRun = body.Texts("dryRun").Contains("All") || query["dryRun"].ToString() == "All",
        };
        if (options.PropagationPolicy is not (null or "Background" or "Foreground" or "Orphan"))
        {
            return (options, Refusal.BadRequest($"propagationPolicy: Unsupported value: \"{options.PropagationPolicy}\""));
        }

        return (options, options.GracePeriodSeconds < 0 ? Refusal.BadRequest("gracePeriodSeconds: must not be negative") : null);
    }
}
