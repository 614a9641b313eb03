using System.Text.Json.Nodes;

namespace Portico.Api.Validation.Pods;

/// <summary>Defaults of a pod's spec (pkg/apis/core/v1 defaults), also inside templates.</summary>
internal static class PodDefaults
{
    // 0644, which upstream writes in decimal.
    private const int FileMode = 420;

    private static readonly string[] ContainerLists = ["initContainers", "containers", "ephemeralContainers"];

    /// <summary>The template of a spec that has one.</summary>
    public static void Template(JsonObject owner)
    {
        if (owner["template"] is JsonObject template && template["spec"] is JsonObject spec)
        {
            Spec(spec);
        }
    }

    public static void Spec(JsonObject spec)
    {
        spec.Set("restartPolicy", "Always");
        spec.Set("terminationGracePeriodSeconds", 30);
        spec.Set("dnsPolicy", "ClusterFirst");
        spec.Set("schedulerName", "default-scheduler");
        spec.Set("securityContext", new JsonObject());
        if (spec["serviceAccountName"] is { } account)
        {
            spec["serviceAccount"] = account.DeepClone();
        }
        else if (spec["serviceAccount"] is { } older)
        {
            spec["serviceAccountName"] = older.DeepClone();
        }

        foreach (var volume in spec.Objects("volumes"))
        {
            Volume(volume);
        }

        var hostNetwork = new Field(spec, "")["hostNetwork"].Flag == true;
        foreach (var list in ContainerLists)
        {
            foreach (var container in spec.Objects(list))
            {
                Container(container, hostNetwork);
            }
        }
    }

    /// <summary>Requests follow limits; only in pods, not in templates.</summary>
    public static void Requests(JsonObject spec)
    {
        foreach (var list in ContainerLists)
        {
            foreach (var container in spec.Objects(list))
            {
                if (container["resources"] is not JsonObject resources || resources["limits"] is not JsonObject limits || limits.Count == 0)
                {
                    continue;
                }

                var requests = resources.Child("requests");
                foreach (var (name, amount) in limits)
                {
                    if (amount is not null)
                    {
                        requests?.Set(name, amount.DeepClone());
                    }
                }
            }
        }
    }

    private static void Container(JsonObject container, bool hostNetwork)
    {
        var view = new Field(container, "");
        container.Set("terminationMessagePath", "/dev/termination-log");
        container.Set("terminationMessagePolicy", "File");
        container.Set("imagePullPolicy", PullsAlways(view["image"].Text ?? "") ? "Always" : "IfNotPresent");
        container.Set("resources", new JsonObject());
        foreach (var port in container.Objects("ports"))
        {
            port.Set("protocol", "TCP");
            if (hostNetwork && port["containerPort"] is { } number && new Field(port, "")["hostPort"].Number is null or 0)
            {
                port["hostPort"] = number.DeepClone();
            }
        }

        foreach (var variable in container.Objects("env"))
        {
            FieldReference(variable["valueFrom"]);
        }

        foreach (var probe in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container[probe] is JsonObject item)
            {
                Probe(item);
            }
        }

        foreach (var hook in (ReadOnlySpan<string>)["postStart", "preStop"])
        {
            HttpGet(view["lifecycle"][hook].Node);
        }
    }

    private static void Probe(JsonObject probe)
    {
        foreach (var (name, number) in (ReadOnlySpan<(string, int)>)[("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)])
        {
            if (new Field(probe, "")[name].Number is null or 0)
            {
                probe[name] = number;
            }
        }

        HttpGet(probe);
        if (probe["grpc"] is JsonObject grpc)
        {
            grpc.Set("service", "");
        }
    }

    private static void HttpGet(JsonNode? handler)
    {
        if (handler is JsonObject && handler["httpGet"] is JsonObject get)
        {
            get.Set("path", "/");
            get.Set("scheme", "HTTP");
        }
    }

    private static void Volume(JsonObject volume)
    {
        if (volume.Count == 1 && volume.ContainsKey("name"))
        {
            volume["emptyDir"] = new JsonObject();
        }

        foreach (var source in (ReadOnlySpan<string>)["secret", "configMap", "downwardAPI", "projected"])
        {
            if (volume[source] is JsonObject files)
            {
                files.Set("defaultMode", FileMode);
            }
        }

        if (volume["hostPath"] is JsonObject path)
        {
            path.Set("type", "");
        }

        Files(volume["downwardAPI"]);
        foreach (var source in (volume["projected"] as JsonObject)?.Objects("sources") ?? [])
        {
            Files(source["downwardAPI"]);
            if (source["serviceAccountToken"] is JsonObject token)
            {
                token.Set("expirationSeconds", 3600);
            }
        }
    }

    private static void Files(JsonNode? downward)
    {
        foreach (var file in (downward as JsonObject)?.Objects("items") ?? [])
        {
            FieldReference(file);
        }
    }

    private static void FieldReference(JsonNode? source)
    {
        if (source is JsonObject && source["fieldRef"] is JsonObject reference)
        {
            reference.Set("apiVersion", "v1");
        }
    }

    // A digest pins the image; no tag means latest.
    private static bool PullsAlways(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return false;
        }

        var last = image[(image.LastIndexOf('/') + 1)..];
        var colon = last.LastIndexOf(':');
        return colon < 0 || last[(colon + 1)..] == "latest";
    }
}
