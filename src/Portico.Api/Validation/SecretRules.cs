using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>core/v1 Secret.</summary>
internal sealed class SecretRules : IObjectRules
{
    private const string AccountAnnotation = "kubernetes.io/service-account.name";

    public void Default(JsonObject item)
    {
        item.Set("type", "Opaque");
        if (item["stringData"] is not JsonObject texts)
        {
            item.Remove("stringData");
            return;
        }

        // stringData is for writing only and wins over data.
        if (item.Child("data") is { } data)
        {
            foreach (var (key, value) in texts)
            {
                data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(new Field(value, "").Text ?? ""));
            }
        }

        item.Remove("stringData");
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        var size = 0L;
        foreach (var (key, value) in item["data"].Entries)
        {
            ConfigMapRules.Key(key, value, problems);
            size += ConfigMapRules.DecodedLength(value.Text);
        }

        if (size > ConfigMapRules.MaxSize)
        {
            problems.TooLong("data", ConfigMapRules.MaxSize);
        }

        ByType(item, problems);
        if (old.IsSet)
        {
            Checks.Immutable(item["type"], old["type"], problems);
            ConfigMapRules.Frozen(item, old, problems, "data");
        }
    }

    private static void ByType(Field item, Problems problems)
    {
        var data = item["data"];
        switch (item["type"].Text)
        {
            case "kubernetes.io/service-account-token":
                if (item["metadata"]["annotations"][AccountAnnotation].IsEmpty)
                {
                    problems.Required($"metadata.annotations[{AccountAnnotation}]");
                }

                break;
            case "kubernetes.io/dockercfg":
                Document(data, ".dockercfg", problems);
                break;
            case "kubernetes.io/dockerconfigjson":
                Document(data, ".dockerconfigjson", problems);
                break;
            case "kubernetes.io/basic-auth":
                if (!data["username"].IsSet && !data["password"].IsSet)
                {
                    problems.Required("data[username]");
                    problems.Required("data[password]");
                }

                break;
            case "kubernetes.io/ssh-auth":
                Key(data, "ssh-privatekey", problems, mayBeEmpty: false);
                break;
            case "kubernetes.io/tls":
                Key(data, "tls.crt", problems, mayBeEmpty: true);
                Key(data, "tls.key", problems, mayBeEmpty: true);
                break;
        }
    }

    private static void Key(Field data, string key, Problems problems, bool mayBeEmpty)
    {
        if (data.Object?.ContainsKey(key) != true || (!mayBeEmpty && data[key].IsEmpty))
        {
            problems.Required($"data[{key}]");
        }
    }

    private static void Document(Field data, string key, Problems problems)
    {
        if (data[key].Text is not { } text)
        {
            problems.Required($"data[{key}]");
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(Convert.FromBase64String(text));
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            // The value itself is a secret and stays out of the message.
            problems.Invalid($"data[{key}]", JsonValue.Create("<secret contents redacted>"), "must be JSON");
        }
    }
}
