using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>discovery/v1 EndpointSlice.</summary>
internal sealed class EndpointSliceRules : IObjectRules
{
    // pkg/apis/discovery/validation.
    private const int MaxEndpoints = 1000;
    private const int MaxPorts = 20000;
    private const int MaxAddresses = 100;

    public void Default(JsonObject item)
    {
        foreach (var port in item.Objects("ports"))
        {
            port.Set("name", "");
            port.Set("protocol", "TCP");
        }
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        var type = item["addressType"];
        if (Checks.Need(type, problems))
        {
            Checks.OneOf(type, problems, "FQDN", "IPv4", "IPv6");
        }

        if (old.IsSet)
        {
            Checks.Immutable(type, old["addressType"], problems);
        }

        if (item["endpoints"].List is { Count: > MaxEndpoints } many)
        {
            problems.TooMany("endpoints", many.Count, MaxEndpoints);
            return;
        }

        foreach (var endpoint in item["endpoints"].Items)
        {
            Endpoint(endpoint, type.Text, problems);
        }

        Ports(item["ports"], problems);
    }

    private static void Endpoint(Field endpoint, string? type, Problems problems)
    {
        var addresses = endpoint["addresses"];
        if (addresses.IsEmpty)
        {
            problems.Required(addresses.Path, "must contain at least 1 address");
        }
        else if (addresses.List is { Count: > MaxAddresses } many)
        {
            problems.TooMany(addresses.Path, many.Count, MaxAddresses);
        }

        foreach (var address in addresses.Items)
        {
            Address(address, type, problems);
        }

        Checks.Name(endpoint["nodeName"], problems, Names.Subdomain);
        Checks.Name(endpoint["hostname"], problems, Names.Label);
        foreach (var hint in endpoint["hints"]["forZones"].Items.Concat(endpoint["hints"]["forNodes"].Items))
        {
            Checks.Need(hint["name"], problems);
        }
    }

    private static void Address(Field address, string? type, Problems problems)
    {
        if (address.Text is not { } text)
        {
            return;
        }

        if (type == "FQDN")
        {
            Checks.Name(address, problems, Names.Subdomain);
        }
        else if (!Addresses.TryParse(text, out var parsed))
        {
            problems.Invalid(address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
        else if (type is not null && Addresses.Family(parsed) != type)
        {
            problems.Invalid(address, $"must be an {type} address");
        }
        else
        {
            Addresses.NotSpecial(address, problems);
        }
    }

    private static void Ports(Field ports, Problems problems)
    {
        if (ports.List is { Count: > MaxPorts } many)
        {
            problems.TooMany(ports.Path, many.Count, MaxPorts);
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var port in ports.Items)
        {
            if (!port["name"].IsEmpty)
            {
                Checks.Name(port["name"], problems, Names.Label);
            }

            if (!names.Add(port["name"].Text ?? ""))
            {
                problems.Duplicate(port["name"]);
            }

            Checks.OneOf(port["protocol"], problems, "SCTP", "TCP", "UDP");
            Checks.Port(port["port"], problems);
            Checks.Name(port["appProtocol"], problems, Names.Qualified);
        }
    }
}
