using Microsoft.Extensions.Primitives;

namespace Portico.Server.Requests;

/// <summary>In which form a client wants objects.</summary>
internal enum ObjectForm
{
    /// <summary>As they are.</summary>
    Whole,
    Table,

    /// <summary>PartialObjectMetadata.</summary>
    Metadata,

    /// <summary>None that we have: protobuf only, for instance.</summary>
    None,
}

internal static class ObjectForms
{
    /// <summary>The first form of an Accept header that we can answer in.</summary>
    public static ObjectForm From(StringValues accept)
    {
        if (accept.Count == 0)
        {
            return ObjectForm.Whole;
        }

        foreach (var header in accept)
        {
            foreach (var range in (header ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var parts = range.Split(';', StringSplitOptions.TrimEntries);
                if (parts[0] is not ("application/json" or "*/*" or "application/*"))
                {
                    continue;
                }

                switch (Parameter(parts, "as"), Parameter(parts, "v"))
                {
                    case (null, _): return ObjectForm.Whole;
                    case ("Table", "v1"): return ObjectForm.Table;
                    case ("PartialObjectMetadata" or "PartialObjectMetadataList", "v1"): return ObjectForm.Metadata;
                }
            }
        }

        return ObjectForm.None;
    }

    private static string? Parameter(string[] parts, string name)
    {
        foreach (var part in parts.AsSpan(1))
        {
            if (part.StartsWith(name, StringComparison.Ordinal) && part.Length > name.Length && part[name.Length] == '=')
            {
                return part[(name.Length + 1)..].Trim('"');
            }
        }

        return null;
    }
}
