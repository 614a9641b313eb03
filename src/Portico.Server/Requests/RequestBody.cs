using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Portico.Api.Json;
using Portico.Api.Statuses;
using Portico.Api.Yaml;
using Portico.Server.Protobuf;

namespace Portico.Server.Requests;

/// <summary>The body of a request, or why there is none.</summary>
/// <param name="Node">Null when the body is empty, and on a refusal.</param>
/// <param name="Duplicates">Paths of fields that are there more than once.</param>
internal readonly record struct RequestBody(JsonNode? Node, IReadOnlyList<string> Duplicates, Status? Refusal)
{
    private const string Supported = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

    /// <param name="types">Media types that are JSON here besides application/json; null for the ordinary ones.</param>
    public static async Task<RequestBody> ReadAsync(HttpContext context, CancellationToken cancellationToken, params string[] types)
    {
        var type = (context.Request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();
        var isYaml = type is "application/yaml" or "application/x-yaml" or "text/yaml" && types.Length == 0;
        var isProtobuf = type == ProtobufObject.MediaType && types.Length == 0;
        var isJson = types.Length == 0 ? type is "" or "application/json" : types.Contains(type);
        if (!isYaml && !isJson && !isProtobuf)
        {
            return new(null, [], Answers.Refusal.UnsupportedMediaType(type, types.Length == 0 ? Supported : string.Join(", ", types)));
        }

        byte[] bytes;
        try
        {
            bytes = await ReadToEndAsync(context.Request.BodyReader, cancellationToken);
        }
        catch (BadHttpRequestException refused)
        {
            return new(null, [], refused.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? Answers.Refusal.TooLarge()
                : Answers.Refusal.BadRequest(refused.Message));
        }

        if (bytes.Length == 0)
        {
            return new(null, [], null);
        }

        return isYaml ? Yaml(bytes) : isProtobuf ? Protobuf(bytes) : Json(bytes);
    }

    private static RequestBody Protobuf(byte[] bytes) => ProtobufObject.TryRead(bytes, out var item, out var error)
        ? new(item, [], null)
        : new(null, [], Answers.Refusal.BadRequest(error));

    private static RequestBody Json(byte[] bytes) => StrictJson.TryRead(bytes, out var node, out var duplicates, out var error)
        ? new(node, duplicates, null)
        : new(null, [], Answers.Refusal.BadRequest($"the body of the request is no JSON: {error}"));

    private static RequestBody Yaml(byte[] bytes)
    {
        try
        {
            var documents = YamlReader.ReadAll(Encoding.UTF8.GetString(bytes));
            return documents.Count == 1
                ? new(documents[0], [], null)
                : new(null, [], Answers.Refusal.BadRequest($"the body of the request has {documents.Count} YAML documents, one is expected"));
        }
        catch (InvalidDataException error)
        {
            return new(null, [], Answers.Refusal.BadRequest($"the body of the request is no YAML: {error.Message}"));
        }
    }

    private static async Task<byte[]> ReadToEndAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
