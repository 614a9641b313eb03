using System.CommandLine;
using Microsoft.Extensions.Logging;
using Portico.Addresses.Announcements;
using Portico.Addresses.Pools;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Cli.Clusters;
using Portico.Cli.Output;
using Portico.Cli.Verbs;
using Portico.Client.Caches;
using Portico.Client.Connections;
using Portico.Client.Events;
using Portico.Client.Requests;
using Portico.Node.Agents;
using Portico.Node.Dns;
using Portico.Proxy;
using Portico.Proxy.Health;
using Portico.Proxy.Nodes;

namespace Portico.Cli.Roles;

/// <summary>A node of a local cluster: agent, service proxy, address announcer and DNS, one process that lives in the node's network namespace.</summary>
internal static class LocalNodeRole
{
    public static Command Create()
    {
        var name = ClusterVerb.NameOption();
        var index = new Argument<int>("index") { Description = "Which node, from 1" };
        var command = new Command("local", "Node agent, service proxy, announcer and DNS of a local cluster (started by up)") { name, index };
        command.Hidden = true;
        command.SetAction((parsed, _) => RunAsync(ClusterHome.Of(parsed.GetRequiredValue(name)), parsed.GetRequiredValue(index)));
        return command;
    }

    private static async Task<int> RunAsync(ClusterHome home, int index)
    {
        using var process = new RoleProcess();
        using var only = NodeLock.Take();
        using var loggers = Logging.Create(LogLevel.Information);
        var spec = ClusterSpec.Load(home) ?? throw new IOException($"{home.SpecFile} is missing");
        var time = TimeProvider.System;
        var name = ClusterAddresses.NodeName(index);
        var address = ClusterAddresses.Node(index);
        var credentials = Kubeconfig.Load(home.NodeKubeconfig(index));
        using var requests = new RestClientMetrics(credentials.Server);
        using var connection = new KubernetesConnection(credentials);
        var client = new KubernetesClient(connection);
        var logger = loggers.CreateLogger("portico.node");
        var services = new Reflector<Service>(client, KnownKinds.Services, ListOptions.All, logger, time);
        var slices = new Reflector<EndpointSlice>(client, KnownKinds.EndpointSlices, ListOptions.All, logger, time);
        var nodes = new Reflector<Api.Objects.Node>(client, KnownKinds.Nodes, ListOptions.All, logger, time);
        var events = new EventRecorder(client, "portico-addresses", name, logger, time);
        var proxyEvents = new EventRecorder(client, "portico-node", name, logger, time);

        var agent = new NodeAgent(client, nodes.Cache, AgentOptions(home, index, credentials, time), loggers);
        var dns = new DnsServer(services.Cache, slices.Cache, new(), loggers);
        var proxy = new ServiceProxy(services.Cache, slices.Cache, nodes.Cache, new()
        {
            NodeName = name,
            Mode = spec.ProxyMode,
            NodeAddresses = [address],
            Pods = LocalDetector.ByNetwork(ClusterAddresses.PodCidr),
            ServiceCidrs = [ClusterAddresses.ServiceCidr],
            StateDirectory = Path.Combine(home.Run, $"{name}-proxy"),
        }, loggers, time, proxyEvents);
        var status = new StatusServer([proxy], new() { RestClient = requests }, loggers, time);
        var announcer = new AddressAnnouncer(
            services.Cache, slices.Cache, nodes.Cache, new() { NodeName = name, Pool = AddressPool.Parse(ClusterAddresses.Pool) }, events, loggers, time);

        await Task.WhenAll(
            services.RunAsync(process.Token),
            slices.RunAsync(process.Token),
            nodes.RunAsync(process.Token),
            events.RunAsync(process.Token),
            proxyEvents.RunAsync(process.Token),
            proxy.RunAsync(process.Token),
            status.RunAsync(process.Token),
            announcer.RunAsync(process.Token),
            dns.RunAsync(process.Token),
            agent.RunAsync(process.Token));
        return 0;
    }

    private static NodeAgentOptions AgentOptions(ClusterHome home, int index, Credentials credentials, TimeProvider time) => new()
    {
        ClusterName = home.Name,
        NodeName = ClusterAddresses.NodeName(index),
        NodeAddress = ClusterAddresses.Node(index),
        StateDirectory = home.NodeRun(index),
        ProgramPath = Environment.ProcessPath!,
        ClusterDns = ClusterAddresses.Dns,
        ServingCertificate = credentials.ClientCertificate!,
        Authority = credentials.Authorities[0],
        ApiServerForPods = new Uri($"https://{ClusterAddresses.ApiService}:443"),
        Time = time,
    };
}
