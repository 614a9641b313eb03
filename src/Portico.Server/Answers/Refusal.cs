using Microsoft.AspNetCore.Http;
using Portico.Api.Kinds;
using Portico.Api.Statuses;

namespace Portico.Server.Answers;

/// <summary>Statuses that say no, in upstream's words (apimachinery api/errors).</summary>
internal static class Refusal
{
    public static Status NotFound(ResourceKind kind, string name) => Of(
        StatusCodes.Status404NotFound, StatusReasons.NotFound, $"{kind.GroupResource} \"{name}\" not found", Details(kind, name));

    /// <summary>The path itself is not served.</summary>
    public static Status NoSuchPath() => Of(
        StatusCodes.Status404NotFound, StatusReasons.NotFound, "the server could not find the requested resource", new());

    public static Status AlreadyExists(ResourceKind kind, string name) => Of(
        StatusCodes.Status409Conflict, StatusReasons.AlreadyExists, $"{kind.GroupResource} \"{name}\" already exists", Details(kind, name));

    public static Status Modified(ResourceKind kind, string name) => Conflict(
        kind, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static Status Conflict(ResourceKind kind, string name, string why) => Of(
        StatusCodes.Status409Conflict, StatusReasons.Conflict, $"Operation cannot be fulfilled on {kind.GroupResource} \"{name}\": {why}", Details(kind, name));

    public static Status Invalid(ResourceKind kind, string name, IReadOnlyList<StatusCause> causes)
    {
        var messages = causes.Select(static cause => $"{cause.Field}: {cause.Message}").ToList();
        var text = messages.Count == 1 ? messages[0] : $"[{string.Join(", ", messages)}]";
        return Of(
            StatusCodes.Status422UnprocessableEntity,
            StatusReasons.Invalid,
            $"{Qualified(kind)} \"{name}\" is invalid: {text}",
            new() { Name = name, Group = NullIfEmpty(kind.Group), Kind = kind.Kind, Causes = causes });
    }

    public static Status Forbidden(string groupResource, string name, string why) => Of(
        StatusCodes.Status403Forbidden,
        StatusReasons.Forbidden,
        name.Length == 0 ? $"{groupResource} is forbidden: {why}" : $"{groupResource} \"{name}\" is forbidden: {why}",
        new() { Name = NullIfEmpty(name), Group = GroupOf(groupResource), Kind = groupResource.Split('.')[0] });

    public static Status Unauthorized() => Of(StatusCodes.Status401Unauthorized, StatusReasons.Unauthorized, "Unauthorized", null);

    public static Status BadRequest(string message) => Of(StatusCodes.Status400BadRequest, StatusReasons.BadRequest, message, null);

    public static Status Unprocessable(string message) => Of(
        StatusCodes.Status422UnprocessableEntity, StatusReasons.Invalid, message, null);

    public static Status MethodNotAllowed(string method, string resource) => Of(
        StatusCodes.Status405MethodNotAllowed,
        StatusReasons.MethodNotAllowed,
        $"{method} is not supported on {resource}",
        null);

    public static Status NotAcceptable() => Of(
        StatusCodes.Status406NotAcceptable,
        StatusReasons.NotAcceptable,
        "only the following media types are accepted: application/json",
        null);

    public static Status UnsupportedMediaType(string type, string supported) => Of(
        StatusCodes.Status415UnsupportedMediaType,
        StatusReasons.UnsupportedMediaType,
        $"the body of the request was in an unknown format: \"{type}\"; accepted media types: {supported}",
        null);

    public static Status TooLarge() => Of(
        StatusCodes.Status413PayloadTooLarge, StatusReasons.RequestEntityTooLarge, "the body of the request is larger than 3 MiB", null);

    public static Status Expired(string message) => Of(StatusCodes.Status410Gone, StatusReasons.Expired, message, null);

    public static Status TooLargeRevision(long asked, long current) => Of(
        StatusCodes.Status504GatewayTimeout,
        StatusReasons.Timeout,
        $"Too large resource version: {asked}, current: {current}",
        new()
        {
            RetryAfterSeconds = 1,
            Causes = [new() { Reason = "ResourceVersionTooLarge", Message = "Too large resource version" }],
        });

    public static Status Unavailable(string why) => Of(
        StatusCodes.Status503ServiceUnavailable, StatusReasons.ServiceUnavailable, $"nothing was written: {why}", new() { RetryAfterSeconds = 1 });

    public static Status InternalError(string what) => Of(
        StatusCodes.Status500InternalServerError, StatusReasons.InternalError, $"Internal error occurred: {what}", null);

    public static Status BadGateway(string what) => Of(StatusCodes.Status502BadGateway, StatusReasons.ServiceUnavailable, what, null);

    private static Status Of(int code, string reason, string message, StatusDetails? details) => new()
    {
        Outcome = "Failure", Code = code, Reason = reason, Message = message, Details = details,
    };

    private static StatusDetails Details(ResourceKind kind, string name) => new() { Name = name, Group = NullIfEmpty(kind.Group), Kind = kind.Plural };

    private static string Qualified(ResourceKind kind) => kind.Group.Length == 0 ? kind.Kind : $"{kind.Kind}.{kind.Group}";

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static string? GroupOf(string groupResource) =>
        groupResource.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? groupResource[(dot + 1)..] : null;
}
