using System.Text.Json.Nodes;

namespace Portico.Api.Validation;

/// <summary>core/v1 Endpoints.</summary>
internal sealed class EndpointsRules : IObjectRules
{
    public void Default(JsonObject item)
    {
        foreach (var subset in item.Objects("subsets"))
        {
            foreach (var port in subset.Objects("ports"))
            {
                port.Set("protocol", "TCP");
            }
        }
    }

    public void Validate(Field item, Field old, Problems problems)
    {
        foreach (var subset in item["subsets"].Items)
        {
            if (subset["addresses"].IsEmpty && subset["notReadyAddresses"].IsEmpty)
            {
                problems.Required(subset.Path, "must specify `addresses` or `notReadyAddresses`");
            }

            foreach (var address in subset["addresses"].Items.Concat(subset["notReadyAddresses"].Items))
            {
                if (Checks.Need(address["ip"], problems))
                {
                    Addresses.NotSpecial(address["ip"], problems);
                }

                Checks.Name(address["hostname"], problems, Names.Label);
                Checks.Name(address["nodeName"], problems, Names.Subdomain);
            }

            Ports(subset["ports"], problems);
        }
    }

    private static void Ports(Field ports, Problems problems)
    {
        var several = ports.List?.Count > 1;
        foreach (var port in ports.Items)
        {
            if (port["name"].IsEmpty)
            {
                if (several)
                {
                    problems.Required(port["name"].Path);
                }
            }
            else
            {
                Checks.Name(port["name"], problems, Names.Label);
            }

            if (!port["port"].IsSet)
            {
                problems.Required(port["port"].Path);
            }

            Checks.Port(port["port"], problems);
            Checks.OneOf(port["protocol"], problems, "SCTP", "TCP", "UDP");
            Checks.Name(port["appProtocol"], problems, Names.Qualified);
        }
    }
}
