using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Server.Admission;
using Portico.Server.Allocation;
using Portico.Server.Authentication;
using Portico.Server.Authorization;
using Portico.Server.Bootstrap;
using Portico.Server.Discovery;
using Portico.Server.Hosting;
using Portico.Server.Metrics;
using Portico.Server.Resources;
using Portico.Server.Reviews;
using Portico.Server.Store;
using Portico.Server.Subresources;

namespace Portico.Server;

/// <summary>A small Kubernetes API server: one process, one store, HTTPS only.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly ApiServerOptions _options;
    private readonly ObjectStore _store;
    private readonly KeyGates _gates = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly PodLogs _logs;
    private readonly Upkeep _upkeep;
    private readonly WebApplication _host;
    private Task _running = Task.CompletedTask;
    private bool _disposed;

    private ApiServer(ApiServerOptions options, ObjectStore store, ILoggerFactory loggers)
    {
        _options = options;
        _store = store;
        var services = new ServiceAdmission(options, store, Random.Shared);
        var admission = new AdmissionChain(new Dictionary<string, IAdmission>
        {
            ["services"] = services,
            ["pods"] = new PodAdmission(),
            ["namespaces"] = new NamespaceAdmission(),
            ["ingresses.networking.k8s.io"] = new IngressAdmission(store),
        });
        var reader = new ObjectReader(store, options.Time);
        var creator = new ObjectCreator(store, admission, new NamespaceLifecycle(store), _gates, reader, options.Time);
        var updater = new ObjectUpdater(store, admission, _gates);
        var deleter = new ObjectDeleter(store, admission, _gates, reader, options.Time);
        var tokens = new ServiceAccountTokens(options.ServiceAccountKey, store, options.Time);
        var authenticator = new Authenticator(options, tokens);
        var authorizer = new Authorizer(store);
        _logs = new PodLogs(options, store);
        var resources = new ResourceEndpoints(
            reader,
            new ObjectWatcher(store, options.Time, _stopping.Token),
            creator,
            new ObjectReplacer(updater, reader),
            new ObjectPatcher(updater, reader),
            deleter,
            new ScaleEndpoint(store, updater),
            new PodEndpoints(updater, deleter, options.Time),
            _logs,
            new TokenEndpoint(store, tokens, options.Time),
            new AccessReviews(authorizer, authenticator, tokens));
        var dispatcher = new Dispatcher(
            authenticator, authorizer, new DiscoveryEndpoints(options), resources, new ServerMetrics(store), loggers.CreateLogger<Dispatcher>());
        _upkeep = new Upkeep(
            store,
            new ObjectKeeper(store, creator, updater, options.Time),
            options.AdvertisedEndPoint,
            services.FirstAddress,
            options.Time,
            loggers.CreateLogger<Upkeep>());
        _host = HttpHost.Build(options, dispatcher.AnswerAsync, loggers);
    }

    /// <summary>Returns when requests are answered.</summary>
    /// <exception cref="IOException">The store can't be opened; the message names the file and says why.</exception>
    /// <exception cref="ArgumentException">An option makes no sense; the message names it.</exception>
    public static async Task<ApiServer> StartAsync(ApiServerOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.DataDirectory);
        var file = SqliteFile.Open(Path.Combine(options.DataDirectory, "store.db"));
        var store = new ObjectStore(file, [.. KnownKinds.All.Select(static kind => kind.GroupResource)]);
        ApiServer? server = null;
        try
        {
            server = new ApiServer(options, store, loggers);
            await server._upkeep.KeepObjectsAsync(cancellationToken);
            await server._host.StartAsync(cancellationToken);
            server._running = server._upkeep.RunAsync(server._stopping.Token);
            return server;
        }
        catch
        {
            await (server?.DisposeAsync() ?? store.DisposeAsync());
            throw;
        }
    }

    /// <summary>Ends open watches, finishes what was begun, closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _stopping.CancelAsync();
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), _options.Time))
        {
            await _host.StopAsync(patience.Token);
        }

        await _running;
        await _host.DisposeAsync();
        await _store.DisposeAsync();
        _logs.Dispose();
        _gates.Dispose();
        _stopping.Dispose();
    }
}
