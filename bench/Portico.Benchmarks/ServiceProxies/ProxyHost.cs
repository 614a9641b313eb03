using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Portico.Api.Objects;
using Portico.Benchmarks.Load;
using Portico.Client.Caches;
using Portico.Proxy;

namespace Portico.Benchmarks.ServiceProxies;

/// <summary>
/// A process that is nothing but a service proxy over caches, which <see cref="ProxyProcess"/> fills by commands on standard input. Each is answered by one line.
/// </summary>
internal sealed class ProxyHost(ProxyMode mode)
{
    private readonly ObjectCache<Service> _services = new();
    private readonly ObjectCache<EndpointSlice> _slices = new();
    private readonly ObjectCache<Node> _nodes = new();
    private ServiceProxy? _proxy;
    private int _version;

    public static async Task<int> RunAsync(string mode)
    {
        var host = new ProxyHost(Enum.Parse<ProxyMode>(mode));
        using var stop = new CancellationTokenSource();
        Task running = Task.CompletedTask;
        while (await Console.In.ReadLineAsync(CancellationToken.None) is { } line)
        {
            var words = line.Split(' ');
            switch (words[0])
            {
                case "fill":
                    host.Fill(Number(words[1]), Number(words[2]));
                    break;
                case "add":
                    host.Add(words[1], words[2], Number(words[3]), words[4..]);
                    break;
                case "start":
                    var started = Stopwatch.GetTimestamp();
                    running = host.StartAsync(stop.Token);
                    host.WaitUntilApplied();
                    Answer(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                    continue;
                case "change":
                    Answer(host.Change(Number(words[1]), Number(words[2])));
                    continue;
                case "set":
                    host.Set(words[1], Number(words[2]), words[3..]);
                    while (!host._proxy!.IsUpToDate)
                    {
                        // Not spinning: the processor time of this process is measured.
                        await Task.Delay(1);
                    }

                    break;
                case "memory":
                    Answer(Memory());
                    continue;
            }

            Console.WriteLine("done");
        }

        await stop.CancelAsync();
        await running;
        return 0;
    }

    /// <summary>Addresses of the services that "fill" makes: 10.64.0.0/10.</summary>
    public static string ClusterIP(int service) => Address(64, service);

    /// <summary>Addresses of endpoints: 10.128.0.0/9.</summary>
    public static string Endpoint(int number) => Address(128, number);

    private static string Address(int second, int number) => string.Create(CultureInfo.InvariantCulture, $"10.{second + (number >> 16)}.{(number >> 8) & 255}.{number & 255}");

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private static void Answer(params IEnumerable<double> values) => Console.WriteLine(string.Join(' ', values.Select(static value => value.ToString("F4", CultureInfo.InvariantCulture))));

    private static double[] Memory()
    {
        // As it is after a while: garbage of the start is gone.
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        const double unit = 1024 * 1024;
        return [SmapsRollup("Pss:") / unit, Environment.WorkingSet / unit];
    }

    private static double SmapsRollup(string name) =>
        1024.0 * long.Parse(File.ReadLines("/proc/self/smaps_rollup").First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..^2], CultureInfo.InvariantCulture);

    private void Fill(int services, int endpoints)
    {
        var (made, slices) = (new List<Service>(services), new List<EndpointSlice>());
        for (var i = 0; i < services; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"s{i}");
            made.Add(Make(name, ClusterIP(i), 80));
            slices.Add(MakeSlice(name, 8080, Enumerable.Range(i * endpoints, endpoints).Select(Endpoint)));
        }

        _services.Replace(made);
        _slices.Replace(slices);
        _nodes.Replace([]);
    }

    private void Add(string name, string clusterIP, int targetPort, string[] endpoints)
    {
        _slices.Set(MakeSlice(name, targetPort, endpoints));
        _services.Set(Make(name, clusterIP, 80));
    }

    private void Set(string name, int targetPort, string[] endpoints) => _slices.Set(MakeSlice(name, targetPort, endpoints));

    private Task StartAsync(CancellationToken cancellationToken)
    {
        _proxy = new(_services, _slices, _nodes, new()
        {
            NodeName = "node1",
            Mode = mode,
            NodeAddresses = [IPAddress.Parse(ProxyWorld.NodeAddress)],
            Pods = LocalDetector.ByNetwork("10.128.0.0/9"),
            ServiceCidrs = ["10.64.0.0/10"],
        }, NullLoggerFactory.Instance, TimeProvider.System);
        return _proxy.RunAsync(cancellationToken);
    }

    private void WaitUntilApplied()
    {
        while (!_proxy!.IsUpToDate)
        {
            Thread.Sleep(0);
        }
    }

    // One endpoint of one Service is replaced each time, as a watch event would; the Services are spread over all.
    private double[] Change(int count, int services)
    {
        var times = new List<double>();
        for (var i = 0; i < count; i++)
        {
            var service = (int)((long)i * 7919 % services);
            var slice = MakeSlice(string.Create(CultureInfo.InvariantCulture, $"s{service}"), 8080, [Endpoint(service * 2), Endpoint(4_000_000 + i)]);
            var started = Stopwatch.GetTimestamp();
            _slices.Set(slice);
            WaitUntilApplied();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            Thread.Sleep(2);
        }

        return [Percentiles.Of(times, 0.5), Percentiles.Of(times, 0.99), times.Max()];
    }

    private Service Make(string name, string clusterIP, int port) => new()
    {
        Metadata = Meta(name),
        Spec = new() { Type = "ClusterIP", ClusterIP = clusterIP, ClusterIPs = [clusterIP], Ports = [new() { Port = port, Protocol = "TCP" }] },
    };

    private EndpointSlice MakeSlice(string service, int port, IEnumerable<string> endpoints) => new()
    {
        Metadata = Meta(service + "-x") with { Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = service } },
        AddressType = "IPv4",
        Ports = [new() { Name = "", Port = port, Protocol = "TCP" }],
        Endpoints = [.. endpoints.Select(static address => new Endpoint { Addresses = [address], NodeName = "node2", Conditions = new() { Ready = true, Serving = true } })],
    };

    private ObjectMeta Meta(string name) => new()
    {
        Name = name,
        Namespace = "bench",
        CreationTimestamp = DateTimeOffset.UnixEpoch,
        ResourceVersion = (++_version).ToString(CultureInfo.InvariantCulture),
    };
}
