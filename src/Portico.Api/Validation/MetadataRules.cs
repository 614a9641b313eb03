using System.Text;
using System.Text.Json.Nodes;
using Portico.Api.Kinds;

namespace Portico.Api.Validation;

/// <summary>metadata of every kind (apimachinery api/validation/objectmeta).</summary>
internal static class MetadataRules
{
    private const int MaxAnnotations = 256 * 1024;

    private static readonly string[] Immutable = ["name", "namespace", "uid", "creationTimestamp"];

    public static void Validate(ResourceKind kind, Field metadata, Field old, Problems problems)
    {
        Name(kind, metadata, problems);
        Namespace(kind, metadata["namespace"], problems);
        Labels(metadata["labels"], problems);
        Annotations(metadata["annotations"], problems);
        Owners(metadata["ownerReferences"], problems);
        Finalizers(metadata["finalizers"], old, metadata, problems);
        if (old.IsSet)
        {
            Unchanged(metadata, old, problems);
        }
    }

    public static void Labels(Field labels, Problems problems)
    {
        foreach (var (key, value) in labels.Entries)
        {
            if (Names.Qualified(key) is { } wrong)
            {
                problems.Invalid(labels.Path, JsonValue.Create(key), wrong);
            }

            if (value.Text is { } text && Names.LabelValue(text) is { } problem)
            {
                problems.Invalid(labels.Path, value.Node, problem);
            }
        }
    }

    public static void Annotations(Field annotations, Problems problems)
    {
        var size = 0L;
        foreach (var (key, value) in annotations.Entries)
        {
            // Annotation keys may have upper case in them; only the syntax counts.
            if (Names.Qualified(key.ToLowerInvariant()) is { } wrong)
            {
                problems.Invalid(annotations.Path, JsonValue.Create(key), wrong);
            }

            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value.Text ?? "");
        }

        if (size > MaxAnnotations)
        {
            problems.TooLong(annotations.Path, MaxAnnotations);
        }
    }

    private static void Name(ResourceKind kind, Field metadata, Problems problems)
    {
        Func<string, string?> check = kind switch
        {
            { Group: "", Kind: "Service" } => Names.Label1035,
            { Group: "", Kind: "Namespace" } => Names.Label,
            _ => Names.Subdomain,
        };
        var prefix = metadata["generateName"];
        if (prefix.Text is { Length: > 0 } start)
        {
            // A generated name ends in letters or digits, so a prefix may end in a dash.
            var example = start.EndsWith('-') ? $"{start}a" : start;
            if (check(example) is { } wrong)
            {
                problems.Invalid(prefix, wrong);
            }
        }

        var name = metadata["name"];
        if (name.Text is not { Length: > 0 } text)
        {
            problems.Required(name.Path, "name or generateName is required");
        }
        else if (check(text) is { } wrong)
        {
            problems.Invalid(name, wrong);
        }
    }

    private static void Namespace(ResourceKind kind, Field @namespace, Problems problems)
    {
        if (!kind.Namespaced)
        {
            if (!@namespace.IsEmpty)
            {
                problems.Forbidden(@namespace.Path, "not allowed on this type");
            }
        }
        else if (@namespace.IsEmpty)
        {
            problems.Required(@namespace.Path);
        }
        else if (@namespace.Text is { } text && Names.Label(text) is { } wrong)
        {
            problems.Invalid(@namespace, wrong);
        }
    }

    private static void Owners(Field owners, Problems problems)
    {
        string? controller = null;
        foreach (var owner in owners.Items)
        {
            foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind", "name", "uid"])
            {
                if (owner[name].IsEmpty)
                {
                    problems.Invalid(owner[name].Path, owner[name].Node ?? JsonValue.Create(""), "must not be empty");
                }
            }

            if (owner["controller"].Flag != true)
            {
                continue;
            }

            if (controller is not null)
            {
                problems.Invalid(
                    owners.Path, JsonValue.Create(owner["name"].Text),
                    $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {owner["name"].Text}");
            }

            controller = owner["name"].Text ?? "";
        }
    }

    private static void Finalizers(Field finalizers, Field old, Field metadata, Problems problems)
    {
        foreach (var item in finalizers.Items)
        {
            if (item.Text is { } text && Names.Qualified(text) is { } wrong)
            {
                problems.Invalid(item, wrong);
            }
        }

        if (!old["deletionTimestamp"].IsSet || !metadata["deletionTimestamp"].IsSet)
        {
            return;
        }

        var known = old["finalizers"].Items.Select(static item => item.Text).ToHashSet();
        foreach (var item in finalizers.Items)
        {
            if (!known.Contains(item.Text))
            {
                problems.Forbidden(
                    finalizers.Path, $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{\"{item.Text}\"}}");
            }
        }
    }

    private static void Unchanged(Field metadata, Field old, Problems problems)
    {
        foreach (var name in Immutable)
        {
            if (!metadata[name].Same(old[name]))
            {
                problems.Invalid(metadata[name], "field is immutable");
            }
        }

        // The server begins a deletion, and shortens it, by an update; there is no way back.
        if (old["deletionTimestamp"].IsSet && !metadata["deletionTimestamp"].IsSet)
        {
            problems.Invalid(metadata["deletionTimestamp"], "field is immutable");
        }
    }
}
