using System.CommandLine;
using Portico.Cli.Roles;
using Portico.Cli.Verbs;

// The built-in images first: a pod's arguments are its own, and its start should not pay for the parser.
switch (args)
{
    case ["echo", .. var rest]:
        return await EchoRole.RunAsync(rest);
    case ["gateway", .. var rest]:
        return await GatewayRole.RunAsync(rest);
}

var root = new RootCommand("Portico exposes Kubernetes services, from a pod's port to an address that a firewall can allow-list.")
{
    UpVerb.Create(),
    StatusVerb.Create(),
    ClientVerb.Create(),
    KubeconfigVerb.Create(),
    DownVerb.Create(),
    SuperviseVerb.Create(),
    ControlPlaneRole.Create(),
    NodeRole.Create(),
};

// Signals are handled by the verbs: the parser's own time limit would cut a clean stop short.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
