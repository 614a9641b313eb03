namespace Portico.Api.Validation;

/// <summary>spec.ports of a Service.</summary>
internal static class ServicePortRules
{
    // The node agent's own port: a load balancer on it would expose the agent.
    private const int NodeAgentPort = 10250;

    public static void Validate(Field spec, Problems problems)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var ports = new HashSet<(string?, long?)>();
        var nodePorts = new HashSet<(string?, long)>();
        var several = spec["ports"].List?.Count > 1;
        foreach (var port in spec["ports"].Items)
        {
            var name = port["name"];
            if (name.IsEmpty)
            {
                if (several)
                {
                    problems.Required(name.Path);
                }
            }
            else
            {
                Checks.Name(name, problems, Names.Label);
                if (!names.Add(name.Text ?? ""))
                {
                    problems.Duplicate(name);
                }
            }

            if (!port["port"].IsSet)
            {
                problems.Required(port["port"].Path);
            }

            Checks.Port(port["port"], problems);
            Checks.OneOf(port["protocol"], problems, "SCTP", "TCP", "UDP");
            Checks.PortOrName(port["targetPort"], problems);
            Checks.Name(port["appProtocol"], problems, Names.Qualified);
            var protocol = port["protocol"].Text;
            if (!ports.Add((protocol, port["port"].Number)))
            {
                problems.Duplicate(port);
            }

            if (spec["type"].Text == "LoadBalancer" && port["port"].Number == NodeAgentPort)
            {
                problems.Invalid(port["port"], "may not expose port 10250 externally since it is used by kubelet");
            }

            NodePort(spec, port["nodePort"], protocol, nodePorts, problems);
        }
    }

    private static void NodePort(Field spec, Field nodePort, string? protocol, HashSet<(string?, long)> taken, Problems problems)
    {
        if (nodePort.Number is not { } number || number == 0)
        {
            return;
        }

        if (spec["type"].Text is "ClusterIP" or "ExternalName")
        {
            problems.Forbidden(nodePort.Path, $"may not be used when `type` is '{spec["type"].Text}'");
            return;
        }

        Checks.Port(nodePort, problems);
        if (!taken.Add((protocol, number)))
        {
            problems.Duplicate(nodePort);
        }
    }
}
