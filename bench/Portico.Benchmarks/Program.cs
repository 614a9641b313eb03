using Portico.Benchmarks.Measures;
using Portico.Benchmarks.Results;
using Portico.Benchmarks.ServiceProxies;
using Portico.Net.Processes;
using Portico.Testing.Clusters;

if (args is [ProxyProcess.Verb, var mode])
{
    return await ProxyHost.RunAsync(mode);
}

// bench/run [SECTION...]: up, memory, change, disruption, proxies, service-proxy. Without one: all.
string[] known = ["up", "memory", "change", "disruption", "proxies", "service-proxy", "service-proxy-quick"];
if (args.FirstOrDefault(arg => !known.Contains(arg)) is { } unknown)
{
    Console.Error.WriteLine($"{unknown}: not one of {string.Join(", ", known)}");
    return 2;
}

if (!Privileges.IsRoot)
{
    Console.Error.WriteLine("the benchmarks make network namespaces: run them as root");
    return 1;
}

using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(20));
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    limit.Cancel();
};

var normal = ("./portico", Binary: Repository.PathOf("portico"), MemoryBar: 400.0);
var native = ("native build", Binary: Repository.PathOf("artifacts/publish/portico/portico"), MemoryBar: 200.0);
(string Name, string Binary, double MemoryBar)[] builds = File.Exists(native.Binary) ? [normal, native] : [normal];

Console.WriteLine(Machine.Describe());
var report = new Report();
bool Wanted(string section) => args.Length == 0 || args.Contains(section);

if (Wanted("up"))
{
    report.Begin("Start");
    foreach (var build in builds)
    {
        await ColdUp.RunAsync(build.Name, build.Binary, report, limit.Token);
    }
}

if (Wanted("memory"))
{
    report.Begin("Memory at rest (PSS of all processes)");
    foreach (var build in builds)
    {
        await MemoryAtRest.RunAsync(build.Name, build.Binary, build.MemoryBar, report, limit.Token);
    }
}

foreach (var build in builds)
{
    if (!Wanted("change") && !Wanted("disruption") && !Wanted("proxies"))
    {
        break;
    }

    await using var bench = await BenchCluster.StartAsync(build.Binary, limit.Token);
    if (Wanted("disruption"))
    {
        report.Begin($"Disruption ({build.Name})");
        await Disruption.RunAsync(bench, report, limit.Token);
    }

    if (Wanted("change"))
    {
        report.Begin($"Change to effect ({build.Name})");
        await ChangeToEffect.RunAsync(bench, report, limit.Token);
    }

    if (Wanted("proxies"))
    {
        report.Begin($"Gateway beside nginx and HAProxy ({build.Name})");
        await ProxyComparison.RunAsync(bench, report, limit.Token);
    }
}

if (Wanted("service-proxy") || args.Contains("service-proxy-quick"))
{
    report.Begin("Service proxy");
    await ServiceProxySection.RunAsync(quick: args.Contains("service-proxy-quick"), report, limit.Token);
}

var file = Repository.PathOf("artifacts/bench/result.md");
Directory.CreateDirectory(Path.GetDirectoryName(file)!);
await File.WriteAllTextAsync(file, report.ToMarkdown(TimeProvider.System.GetUtcNow()));
Console.WriteLine($"\nas markdown: {file}");
return report.AllKept ? 0 : 1;
