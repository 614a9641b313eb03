using System.Text;
using System.Text.Json.Nodes;
using Portico.Api.Json;

namespace Portico.Server.Protobuf;

/// <summary>
/// Reads an object in Kubernetes' protobuf form into JSON. Answers are always JSON, but kubectl's typed commands (create
/// deployment, auth can-i) send protobuf and do not fall back.
/// </summary>
internal static class ProtobufObject
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    // Deeper than any real object; bounds recursion on hostile input.
    private const int MaxDepth = 64;

    // Go writes zeros of fields that are no pointers, which JSON leaves out; these are pointers, and their zero is meant.
    private static readonly HashSet<string> MeantZeros =
    [
        "replicas", "terminationGracePeriodSeconds", "revisionHistoryLimit", "defaultMode", "mode", "runAsUser", "runAsGroup", "fsGroup", "priority",
        "leaseTransitions", "tolerationSeconds", "gracePeriodSeconds", "deletionGracePeriodSeconds", "activeDeadlineSeconds", "progressDeadlineSeconds",
    ];

    // runtime.Unknown behind four bytes of magic (apimachinery runtime/serializer/protobuf).
    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>False with an error when the bytes are no such object, or of a kind that the table does not have.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out JsonObject item, out string error)
    {
        item = [];
        error = "the body of the request is no Kubernetes protobuf";
        if (!body.StartsWith(Magic) || !TryEnvelope(body[Magic.Length..], out var apiVersion, out var kind, out var raw))
        {
            return false;
        }

        var group = apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion.Split('/')[0].Split('.')[0] : "core";
        var message = kind == "DeleteOptions" ? "meta.DeleteOptions" : $"{group}.{kind}";
        if (MessageTable.Find(message) is null)
        {
            error = $"{kind} in version \"{apiVersion}\" can't be read as protobuf; send JSON";
            return false;
        }

        (item["kind"], item["apiVersion"]) = (kind, apiVersion);
        return TryMessage(raw, message, item, 0);
    }

    private static bool TryEnvelope(ReadOnlySpan<byte> unknown, out string apiVersion, out string kind, out ReadOnlySpan<byte> raw)
    {
        (apiVersion, kind) = ("", "");
        raw = default;
        var reader = new WireReader(unknown);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryRead(out var number, out _, out var bytes, out _))
            {
                return false;
            }

            if (number == 2)
            {
                raw = bytes;
            }
            else if (number == 1)
            {
                var type = new WireReader(bytes);
                while (!type.IsAtEnd)
                {
                    if (!type.TryRead(out var field, out _, out var text, out _))
                    {
                        return false;
                    }

                    (apiVersion, kind) = field == 1 ? (Text(text), kind) : (apiVersion, Text(text));
                }
            }
        }

        return kind.Length > 0;
    }

    private static bool TryMessage(ReadOnlySpan<byte> message, string type, JsonObject into, int depth)
    {
        if (depth > MaxDepth || MessageTable.Find(type) is not { } fields)
        {
            return false;
        }

        var reader = new WireReader(message);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryRead(out var number, out var value, out var bytes, out var isBytes))
            {
                return false;
            }

            if (fields.TryGetValue(number, out var field) && !TryField(field, value, bytes, isBytes, into, depth))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryField(MessageField field, ulong value, ReadOnlySpan<byte> bytes, bool isBytes, JsonObject into, int depth)
    {
        switch (field.Shape)
        {
            case FieldShape.Inline:
                return isBytes && TryMessage(bytes, field.Type, into, depth + 1);
            case FieldShape.Map:
                return isBytes && TryEntry(field, bytes, into, depth);
        }

        if (!TryValue(field.Type, value, bytes, isBytes, depth, out var node))
        {
            return false;
        }

        if (field.Shape == FieldShape.Repeated)
        {
            if (into[field.Name] is not JsonArray list)
            {
                into[field.Name] = list = [];
            }

            list.Add(node);
        }
        else if (node is not null && !IsUnset(field, value, bytes))
        {
            into[field.Name] = node;
        }

        return true;
    }

    private static bool IsUnset(MessageField field, ulong value, ReadOnlySpan<byte> bytes) => field.Type switch
    {
        "s" or "y" => bytes.Length == 0,
        "i" => value == 0 && !MeantZeros.Contains(field.Name),
        _ => false,
    };

    private static bool TryEntry(MessageField field, ReadOnlySpan<byte> entry, JsonObject into, int depth)
    {
        var (key, node) = ("", (JsonNode?)null);
        var reader = new WireReader(entry);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryRead(out var number, out var value, out var bytes, out var isBytes))
            {
                return false;
            }

            if (number == 1)
            {
                key = Text(bytes);
            }
            else if (!TryValue(field.Type, value, bytes, isBytes, depth, out node))
            {
                return false;
            }
        }

        if (into[field.Name] is not JsonObject map)
        {
            into[field.Name] = map = [];
        }

        map[key] = node ?? (field.Type is "s" or "y" ? "" : null);
        return true;
    }

    private static bool TryValue(string type, ulong value, ReadOnlySpan<byte> bytes, bool isBytes, int depth, out JsonNode? node)
    {
        node = null;
        if (type is "i" or "b" ? isBytes : !isBytes)
        {
            return false;
        }

        switch (type)
        {
            case "i":
                node = (long)value;
                return true;
            case "b":
                node = value != 0;
                return true;
            case "s":
                node = Text(bytes);
                return true;
            case "y":
                node = Convert.ToBase64String(bytes);
                return true;
            case "time" or "microtime":
                return TryTime(bytes, type == "microtime", out node);
            case "quantity":
                return TryLast(bytes, out _, out var text, 1) && (node = Text(text)) is not null;
            case "intorstring":
                return TryIntOrString(bytes, out node);
            default:
                return TryNested(type, bytes, depth, out node);
        }
    }

    private static bool TryNested(string type, ReadOnlySpan<byte> bytes, int depth, out JsonNode? node)
    {
        var nested = new JsonObject();
        node = nested;
        if (!TryMessage(bytes, type, nested, depth + 1))
        {
            return false;
        }

        if (type.EndsWith(".ExtraValue", StringComparison.Ordinal))
        {
            // A list under a name of its own.
            node = nested["items"]?.DeepClone() ?? new JsonArray();
        }

        return true;
    }

    /// <summary>An empty message is Go's zero time: not set.</summary>
    private static bool TryTime(ReadOnlySpan<byte> bytes, bool micro, out JsonNode? node)
    {
        node = null;
        if (bytes.Length == 0)
        {
            return true;
        }

        if (!TryLast(bytes, out var seconds, out _, 1) || !TryLast(bytes, out var nanos, out _, 2)
            || (long)seconds is < -62135596800 or > 253402300799)
        {
            return false;
        }

        var time = DateTimeOffset.FromUnixTimeSeconds((long)seconds).AddTicks((long)(nanos % 1_000_000_000) / 100);
        node = micro ? MicroTimeConverter.Format(time) : TimeConverter.Format(time);
        return true;
    }

    private static bool TryIntOrString(ReadOnlySpan<byte> bytes, out JsonNode? node)
    {
        node = null;
        if (!TryLast(bytes, out var isText, out _, 1) || !TryLast(bytes, out var number, out _, 2) || !TryLast(bytes, out _, out var text, 3))
        {
            return false;
        }

        node = isText == 1 ? Text(text) : (int)number;
        return true;
    }

    /// <summary>The last value of a field; zero or empty when it is absent.</summary>
    private static bool TryLast(ReadOnlySpan<byte> message, out ulong value, out ReadOnlySpan<byte> bytes, int wanted)
    {
        value = 0;
        bytes = default;
        var reader = new WireReader(message);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryRead(out var number, out var read, out var content, out _))
            {
                return false;
            }

            if (number == wanted)
            {
                value = read;
                bytes = content;
            }
        }

        return true;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
