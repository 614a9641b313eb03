using System.Buffers;
using System.Text.Json.Nodes;

namespace Portico.Api.Validation.Pods;

/// <summary>Probes and the hooks of a container's life.</summary>
internal static class ProbeRules
{
    // RFC 9110, 5.1: what no header name has.
    private static readonly SearchValues<char> NotInHeaders = SearchValues.Create(" \t\r\n:()<>@,;\\\"/[]?={}");

    public static void Validate(Field probe, Problems problems, bool onlyOneSuccess)
    {
        if (!probe.IsSet)
        {
            return;
        }

        Handler(probe, problems, "exec", "grpc", "httpGet", "tcpSocket");
        foreach (var name in (ReadOnlySpan<string>)["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
        {
            Checks.NonNegative(probe[name], problems);
        }

        if (onlyOneSuccess && probe["successThreshold"].Number > 1)
        {
            problems.Invalid(probe["successThreshold"], "must be 1");
        }

        var grace = probe["terminationGracePeriodSeconds"];
        if (!onlyOneSuccess && grace.IsSet)
        {
            problems.Invalid(grace, "must not be set for readinessProbes");
        }
        else
        {
            Checks.Positive(grace, problems);
        }
    }

    public static void Handler(Field handler, Problems problems, params ReadOnlySpan<string> allowed)
    {
        var given = 0;
        foreach (var name in allowed)
        {
            if (!handler[name].IsSet)
            {
                continue;
            }

            if (++given > 1)
            {
                problems.Forbidden(handler[name].Path, "may not specify more than 1 handler type");
            }
        }

        if (given == 0)
        {
            problems.Required(handler.Path, "must specify a handler type");
        }

        if (handler["exec"].IsSet)
        {
            Checks.Need(handler["exec"]["command"], problems);
        }

        if (handler["httpGet"].IsSet)
        {
            HttpGet(handler["httpGet"], problems);
        }

        if (handler["tcpSocket"].IsSet && NeedPort(handler["tcpSocket"]["port"], problems))
        {
            Checks.PortOrName(handler["tcpSocket"]["port"], problems);
        }

        if (handler["grpc"].IsSet && NeedPort(handler["grpc"]["port"], problems))
        {
            Checks.Port(handler["grpc"]["port"], problems);
        }

        Checks.NonNegative(handler["sleep"]["seconds"], problems);
    }

    private static void HttpGet(Field get, Problems problems)
    {
        Checks.Need(get["path"], problems);
        if (NeedPort(get["port"], problems))
        {
            Checks.PortOrName(get["port"], problems);
        }

        Checks.OneOf(get["scheme"], problems, "HTTP", "HTTPS");
        foreach (var header in get["httpHeaders"].Items)
        {
            var name = header["name"];
            if (name.Text is not { Length: > 0 } text || text.AsSpan().ContainsAny(NotInHeaders))
            {
                problems.Invalid(name.Path, name.Node ?? JsonValue.Create(""), "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name')");
            }
        }
    }

    private static bool NeedPort(Field port, Problems problems)
    {
        if (port.IsSet)
        {
            return true;
        }

        problems.Required(port.Path);
        return false;
    }
}
