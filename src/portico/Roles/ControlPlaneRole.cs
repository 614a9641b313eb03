using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Portico.Addresses.Allocations;
using Portico.Addresses.Pools;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Cli.Clusters;
using Portico.Cli.Output;
using Portico.Cli.Pki;
using Portico.Cli.Verbs;
using Portico.Client.Caches;
using Portico.Client.Connections;
using Portico.Client.Events;
using Portico.Client.Requests;
using Portico.Controllers;
using Portico.Net.Sockets;
using Portico.Server;

namespace Portico.Cli.Roles;

/// <summary>API server, controllers and scheduler of a local cluster, one process of the machine's own namespace.</summary>
internal static class ControlPlaneRole
{
    // A node that misses its lease this long is taken out; its addresses move, its endpoints go.
    private static readonly TimeSpan NodeGrace = TimeSpan.FromSeconds(8);

    public static Command Create()
    {
        var name = ClusterVerb.NameOption();
        var command = new Command("controlplane", "API server, controllers and scheduler (started by up)") { name };
        command.Hidden = true;
        command.SetAction((parsed, _) => RunAsync(ClusterHome.Of(parsed.GetRequiredValue(name))));
        return command;
    }

    private static async Task<int> RunAsync(ClusterHome home)
    {
        using var process = new RoleProcess();
        using var loggers = Logging.Create(LogLevel.Information);
        var spec = ClusterSpec.Load(home) ?? throw new IOException($"{home.SpecFile} is missing");
        var time = TimeProvider.System;
        var pki = ClusterPki.LoadOrCreate(home, time.GetUtcNow());
        await using var server = await ApiServer.StartAsync(Options(home, spec, pki, time), loggers, process.Token);

        using var connection = new KubernetesConnection(Kubeconfig.Load(home.Kubeconfig));
        var client = new KubernetesClient(connection);
        var logger = loggers.CreateLogger("portico.controlplane");
        var services = new Reflector<Service>(client, KnownKinds.Services, ListOptions.All, logger, time);
        var events = new EventRecorder(client, "portico-addresses", null, logger, time);
        var controllers = new ControllerOptions
        {
            CertificateAuthorityPem = pki.Authority.Certificate.ExportCertificatePem(),
            PodNetwork = ClusterAddresses.PodCidr,
            NodeMonitorGracePeriod = NodeGrace,
        };
        await Task.WhenAll(
            ControllerManager.RunAsync(client, controllers, loggers, time, process.Token),
            services.RunAsync(process.Token),
            events.RunAsync(process.Token),
            new AddressAllocator(client, services.Cache, AddressPool.Parse(ClusterAddresses.Pool), events, loggers, time).RunAsync(process.Token));
        return 0;
    }

    private static ApiServerOptions Options(ClusterHome home, ClusterSpec spec, ClusterPki pki, TimeProvider time)
    {
        string[] names =
        [
            "localhost", "127.0.0.1", ClusterAddresses.Lan.ToString(), ClusterAddresses.ApiService.ToString(),
            "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
        ];
        var now = time.GetUtcNow();
        var lan = new IPEndPoint(ClusterAddresses.Lan, ClusterAddresses.ApiPort);
        var insideLan = new SocketFactory(home.LanNamespace);
        return new()
        {
            DataDirectory = spec.Data,
            ServerCertificate = pki.Issue("apiserver", "kube-apiserver", null, names, now),
            Authority = pki.Authority.Certificate,
            ServiceAccountKey = pki.ServiceAccountKey,
            Listeners = [Bind(new(IPAddress.Loopback, spec.ApiPort)), insideLan.In(() => Bind(lan))],
            Tokens = new Dictionary<string, Portico.Server.Authentication.UserInfo> { [pki.AdminToken()] = new("portico-admin", ["system:masters"]) },
            AdvertisedEndPoint = lan,
            ServiceCidr = ClusterAddresses.ServiceCidr,
            NodeClientCertificate = pki.Issue("apiserver-node-client", "kube-apiserver", "system:masters", [], now),
            DialNode = async (node, token) => new NetworkStream(await insideLan.ConnectAsync(node, token), ownsSocket: true),
            Time = time,
        };
    }

    private static Socket Bind(IPEndPoint at)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(at);
        return socket;
    }
}
