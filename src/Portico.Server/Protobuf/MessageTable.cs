using System.Globalization;

namespace Portico.Server.Protobuf;

/// <summary>Field numbers of the messages that clients send, from an embedded table: <c>apps.Deployment 1metadata:meta.ObjectMeta …</c>.</summary>
internal static class MessageTable
{
    private static readonly Lazy<Dictionary<string, Dictionary<int, MessageField>>> Messages = new(Load);

    /// <summary>The fields of a message by number; null when the message is not known.</summary>
    public static IReadOnlyDictionary<int, MessageField>? Find(string message) => Messages.Value.GetValueOrDefault(message);

    private static Dictionary<string, Dictionary<int, MessageField>> Load()
    {
        var messages = new Dictionary<string, Dictionary<int, MessageField>>();
        using var reader = new StreamReader(typeof(MessageTable).Assembly.GetManifestResourceStream("messages.fields")!);
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var fields = new Dictionary<int, MessageField>();
            foreach (var word in words.AsSpan(1))
            {
                var digits = word.AsSpan().IndexOfAnyExceptInRange('0', '9');
                var shape = word[digits] switch
                {
                    '+' => FieldShape.Repeated,
                    '*' => FieldShape.Map,
                    '^' => FieldShape.Inline,
                    _ => FieldShape.Single,
                };
                var colon = word.IndexOf(':', StringComparison.Ordinal);
                var name = word[(shape == FieldShape.Single ? digits : digits + 1)..colon];
                fields[int.Parse(word.AsSpan(0, digits), CultureInfo.InvariantCulture)] = new(name, shape, word[(colon + 1)..]);
            }

            messages[words[0]] = fields;
        }

        return messages;
    }
}
