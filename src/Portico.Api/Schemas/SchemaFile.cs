namespace Portico.Api.Schemas;

/// <summary>
/// Reads one <c>*.schema</c> resource (format: README.md of this room). Only the headings are read at first;
/// the lines of an object are read when its fields are asked for.
/// </summary>
internal sealed class SchemaFile
{
    private readonly string _text;
    private readonly Func<string, ObjectSchema> _resolve;
    private readonly string _file;
    private string _package = "";

    private SchemaFile(string file, string text, Func<string, ObjectSchema> resolve)
    {
        _file = file;
        _text = text;
        _resolve = resolve;
    }

    public static IEnumerable<ObjectSchema> Read(string file, string text, Func<string, ObjectSchema> resolve) =>
        new SchemaFile(file, text, resolve).Objects();

    private IEnumerable<ObjectSchema> Objects()
    {
        for (var at = 0; at < _text.Length;)
        {
            var end = EndOfLine(at);
            var line = _text.AsSpan(at, end - at).TrimEnd();
            at = end + 1;
            if (line.IsEmpty || line[0] == '#')
            {
                continue;
            }

            var (head, description) = Split(line.ToString());
            var words = head.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["package", var package])
            {
                _package = package;
                continue;
            }

            if (words is not ["kind" or "object", var name, ..])
            {
                throw new InvalidDataException($"{_file}: \"{line}\" is neither package, kind nor object");
            }

            var start = at;
            while (at < _text.Length && (_text[at] is ' ' or '#' or '\n' or '\r'))
            {
                at = EndOfLine(at) + 1;
            }

            yield return Object(words[0] == "kind", name, words.AsSpan(2), description, (start, Math.Min(at, _text.Length)));
        }
    }

    private ObjectSchema Object(bool isKind, string name, ReadOnlySpan<string> flags, string description, (int From, int To) body)
    {
        var package = _package;
        return new($"{package}.{name}", description, () => Fields(isKind, package, body))
        {
            IsOpen = flags.Contains("open"),
            IsAtomic = flags.Contains("atomic"),
        };
    }

    private List<FieldSchema> Fields(bool isKind, string package, (int From, int To) body)
    {
        var fields = new List<FieldSchema>();
        if (isKind)
        {
            fields.Add(Field("apiVersion string ; Group and version of this object, such as apps/v1.", package));
            fields.Add(Field("kind string ; What this object is, in CamelCase.", package));
            fields.Add(Field("metadata meta.ObjectMeta ; Name, labels and what else every object has.", package));
        }

        for (var at = body.From; at < body.To;)
        {
            var end = EndOfLine(at);
            var line = _text.AsSpan(at, end - at).Trim();
            at = end + 1;
            if (!line.IsEmpty && line[0] != '#')
            {
                fields.Add(Field(line.ToString(), package));
            }
        }

        return fields;
    }

    private FieldSchema Field(string line, string package)
    {
        var (head, description) = Split(line);
        var words = head.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2)
        {
            throw new InvalidDataException($"{_file}: \"{line}\" has no type");
        }

        var strategy = PatchStrategy.Replace;
        string? mergeKey = null;
        var listType = ListType.None;
        string[] keys = [];
        var atomicMap = false;
        foreach (var word in words.AsSpan(2))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var (flag, value) = equals < 0 ? (word, null) : (word[..equals], word[(equals + 1)..]);
            switch (flag)
            {
                case "merge": (strategy, mergeKey) = (strategy | PatchStrategy.Merge, value); break;
                case "merge,retainKeys": (strategy, mergeKey) = (PatchStrategy.Merge | PatchStrategy.RetainKeys, value); break;
                case "retainKeys": strategy |= PatchStrategy.RetainKeys; break;
                case "atomic": listType = ListType.Atomic; break;
                case "set": listType = ListType.Set; break;
                case "keys": (listType, keys) = (ListType.Map, value!.Split(',')); break;
                case "atomicMap": atomicMap = true; break;
                default: throw new InvalidDataException($"{_file}: \"{line}\": unknown flag {flag}");
            }
        }

        return new()
        {
            Name = words[0].TrimEnd('!'),
            Required = words[0].EndsWith('!'),
            Value = Value(words[1], package),
            Description = description,
            PatchStrategy = strategy,
            MergeKey = mergeKey,
            ListType = listType,
            ListMapKeys = keys,
            AtomicMap = atomicMap,
        };
    }

    private ValueSchema Value(string text, string package)
    {
        if (text[0] is '[' or '{')
        {
            return new(text[0] == '[' ? SchemaType.List : SchemaType.Map, Value(text[1..^1], package));
        }

        if (text.StartsWith("string(", StringComparison.Ordinal))
        {
            return new(SchemaType.String, allowed: text[7..^1].Split('|'));
        }

        return text switch
        {
            "any" => new(SchemaType.Any),
            "string" => new(SchemaType.String),
            "int32" => new(SchemaType.Int32),
            "int64" => new(SchemaType.Int64),
            "number" => new(SchemaType.Number),
            "bool" => new(SchemaType.Boolean),
            "int-or-string" => new(SchemaType.IntOrString),
            "quantity" => new(SchemaType.Quantity),
            "time" => new(SchemaType.Time),
            "micro-time" => new(SchemaType.MicroTime),
            "bytes" => new(SchemaType.Bytes),
            _ => new(SchemaType.Object, target: () => _resolve(SchemaNames.Full(text, package))),
        };
    }

    private static (string Head, string Description) Split(string line)
    {
        var at = line.IndexOf(" ; ", StringComparison.Ordinal);
        return at < 0 ? (line, "") : (line[..at], line[(at + 3)..].Trim());
    }

    private int EndOfLine(int from)
    {
        var end = _text.IndexOf('\n', from);
        return end < 0 ? _text.Length : end;
    }
}
