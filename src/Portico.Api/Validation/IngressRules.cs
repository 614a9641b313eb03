using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>networking/v1 Ingress (pkg/apis/networking/validation).</summary>
internal sealed class IngressRules : IObjectRules
{
    private const string ClassAnnotation = "kubernetes.io/ingress.class";

    private static readonly string[] ForbiddenInPaths = ["//", "/./", "/../", "%2f", "%2F"];
    private static readonly string[] ForbiddenAtEnd = ["/..", "/."];

    public void Default(JsonObject item)
    {
        // Upstream has no defaults for Ingress; the default class is set by admission.
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        var spec = item["spec"];
        if (spec["rules"].IsEmpty && !spec["defaultBackend"].IsSet)
        {
            problems.Invalid(spec, "either `defaultBackend` or `rules` must be specified");
        }

        if (!old.IsSet && item["metadata"]["annotations"][ClassAnnotation].IsSet && spec["ingressClassName"].IsSet)
        {
            problems.Invalid(
                "metadata.annotations[kubernetes.io/ingress.class]", item["metadata"]["annotations"][ClassAnnotation].Node,
                "can not be set when the class field is also set");
        }

        Checks.Name(spec["ingressClassName"], problems, Names.Subdomain);
        if (spec["defaultBackend"].IsSet)
        {
            Backend(spec["defaultBackend"], problems);
        }

        foreach (var tls in spec["tls"].Items)
        {
            foreach (var host in tls["hosts"].Items)
            {
                Host(host, problems);
            }

            if (!tls["secretName"].IsEmpty)
            {
                Checks.Name(tls["secretName"], problems, Names.Subdomain);
            }
        }

        foreach (var rule in spec["rules"].Items)
        {
            Rule(rule, problems);
        }

        LoadBalancerRules.Validate(item["status"]["loadBalancer"], problems);
    }

    private static void Rule(Field rule, Problems problems)
    {
        var host = rule["host"];
        if (host.Text is { Length: > 0 } text)
        {
            if (Addresses.TryParse(text, out _))
            {
                problems.Invalid(host, "must be a DNS name, not an IP address");
            }

            Host(host, problems);
        }

        if (!rule["http"].IsSet)
        {
            return;
        }

        Checks.Need(rule["http"]["paths"], problems);
        foreach (var path in rule["http"]["paths"].Items)
        {
            Path(path, problems);
        }
    }

    private static void Host(Field host, Problems problems) =>
        Checks.Name(host, problems, host.Text?.Contains('*', StringComparison.Ordinal) == true ? Names.WildcardSubdomain : Names.Subdomain);

    private static void Path(Field item, Problems problems)
    {
        var type = item["pathType"];
        var path = item["path"];
        var text = path.Text ?? "";
        if (!type.IsSet)
        {
            problems.Required(type.Path, "pathType must be specified");
        }

        switch (type.Text)
        {
            case null:
                break;
            case "Exact" or "Prefix":
                if (!text.StartsWith('/'))
                {
                    problems.Invalid(path.Path, JsonValue.Create(text), "must be an absolute path");
                }

                foreach (var part in ForbiddenInPaths)
                {
                    if (text.Contains(part, StringComparison.Ordinal))
                    {
                        problems.Invalid(path, $"must not contain '{part}'");
                    }
                }

                foreach (var end in ForbiddenAtEnd)
                {
                    if (text.EndsWith(end, StringComparison.Ordinal))
                    {
                        problems.Invalid(path, $"cannot end with '{end}'");
                    }
                }

                break;
            case "ImplementationSpecific":
                if (text.Length > 0 && text[0] != '/')
                {
                    problems.Invalid(path, "must be an absolute path");
                }

                break;
            default:
                problems.NotSupported(type, "Exact", "ImplementationSpecific", "Prefix");
                break;
        }

        Backend(item["backend"], problems);
    }

    private static void Backend(Field backend, Problems problems)
    {
        var service = backend["service"];
        var resource = backend["resource"];
        if (service.IsSet && resource.IsSet)
        {
            problems.Invalid(backend.Path, JsonValue.Create(""), "cannot set both resource and service backends");
        }
        else if (resource.IsSet)
        {
            Checks.Need(resource["kind"], problems);
            Checks.Need(resource["name"], problems);
        }
        else if (service.IsSet)
        {
            Service(service, problems);
        }
        else
        {
            problems.Required(backend.Path, "resource or service backend is required");
        }
    }

    private static void Service(Field service, Problems problems)
    {
        if (Checks.Need(service["name"], problems))
        {
            Checks.Name(service["name"], problems, Names.Label1035);
        }

        var port = service["port"];
        var hasName = !port["name"].IsEmpty;
        var hasNumber = port["number"].Number is not (null or 0);
        if (hasName && hasNumber)
        {
            problems.Invalid(service.Path, JsonValue.Create(""), "cannot set both port name & port number");
        }
        else if (hasName)
        {
            Checks.Name(port["name"], problems, Names.PortName);
        }
        else if (hasNumber)
        {
            Checks.Port(port["number"], problems);
        }
        else
        {
            problems.Required(service.Path, "port name or number is required");
        }
    }
}
