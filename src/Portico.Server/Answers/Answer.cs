using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Portico.Api.Json;
using Portico.Api.Statuses;
using Portico.Server.Store;

namespace Portico.Server.Answers;

/// <summary>What is sent back for a request.</summary>
internal abstract class Answer
{
    private const string JsonType = "application/json";

    public abstract Task WriteAsync(HttpContext context, CancellationToken cancellationToken);

    public static Answer Json(byte[] json, int code = StatusCodes.Status200OK) => new Bytes(json, JsonType, code);

    public static Answer Json(JsonNode json, int code = StatusCodes.Status200OK) => Json(RawJson.Bytes(json), code);

    public static Answer Text(string text, int code = StatusCodes.Status200OK) => new Bytes(Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8", code);

    public static Answer Typed(byte[] body, string contentType) => new Bytes(body, contentType, StatusCodes.Status200OK);

    public static Answer Refuse(Status status) => new Refused(status);

    /// <summary>The Status of something done that leaves no object to answer with.</summary>
    public static Answer Success(StatusDetails? details, int code = StatusCodes.Status200OK) => Json(
        JsonSerializer.SerializeToUtf8Bytes(new Status { Outcome = "Success", Code = code, Details = details }, ApiJson.TypeInfo<Status>()), code);

    private sealed class Bytes(byte[] body, string contentType, int code) : Answer
    {
        public override Task WriteAsync(HttpContext context, CancellationToken cancellationToken)
        {
            context.Response.StatusCode = code;
            context.Response.ContentType = contentType;
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body, cancellationToken).AsTask();
        }
    }

    private sealed class Refused(Status status) : Answer
    {
        public override Task WriteAsync(HttpContext context, CancellationToken cancellationToken)
        {
            if (status.Details?.RetryAfterSeconds is { } seconds)
            {
                context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            return Json(JsonSerializer.SerializeToUtf8Bytes(status, ApiJson.TypeInfo<Status>()), status.Code).WriteAsync(context, cancellationToken);
        }
    }
}
