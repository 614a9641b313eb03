using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Caches;
using Portico.Client.Loops;
using Portico.Client.Requests;

namespace Portico.Gateway.Ingress;

/// <summary>Watches the API and keeps the <see cref="ClusterModel"/> up to date. Changes queue up and are taken over together, as soon as one is there.</summary>
internal sealed partial class IngressController
{
    private readonly Channel<Action<ClusterModel>> _changes = Channel.CreateUnbounded<Action<ClusterModel>>(new() { SingleReader = true });
    private readonly Reflector<EndpointSlice> _slices;
    private readonly Reflector<Secret> _secrets;
    private readonly ClusterModel _model;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Action<ObjectKey> _changed;

    /// <param name="changed">Called with each Ingress about which there is something else to say than before.</param>
    public IngressController(KubernetesClient client, ClusterModel model, Action<ObjectKey> changed, ILogger logger, TimeProvider time)
    {
        (_model, _logger, _time, _changed) = (model, logger, time, changed);
        Ingresses = new(client, KnownKinds.Ingresses, ListOptions.All, logger, time);
        Classes = new(client, KnownKinds.IngressClasses, ListOptions.All, logger, time);
        Services = new(client, KnownKinds.Services, ListOptions.All, logger, time);
        _slices = new(client, KnownKinds.EndpointSlices, ListOptions.All, logger, time);
        // Other Secrets are none of the gateway's business, and some of them are large.
        _secrets = new(client, KnownKinds.Secrets, new() { FieldSelector = $"type={Secret.TlsType}" }, logger, time);
        Ingresses.Cache.Changed += change => Enqueue(model => model.Apply(change));
        Classes.Cache.Changed += change => Enqueue(model => model.Apply(change));
        Services.Cache.Changed += change => Enqueue(model => model.Apply(change));
        _slices.Cache.Changed += change => Enqueue(model => model.Apply(change));
        _secrets.Cache.Changed += change => Enqueue(model => model.Apply(change));
    }

    public Reflector<IngressObject> Ingresses { get; }

    public Reflector<IngressClass> Classes { get; }

    public Reflector<Service> Services { get; }

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Ingresses.RunAsync(cancellationToken),
        Classes.RunAsync(cancellationToken),
        Services.RunAsync(cancellationToken),
        _slices.RunAsync(cancellationToken),
        _secrets.RunAsync(cancellationToken),
        BackgroundLoop.RunAsync("ingress compiler", CompileAsync, _logger, _time, cancellationToken));

    private void Enqueue(Action<ClusterModel> change) => _changes.Writer.TryWrite(change);

    private async Task CompileAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Ingresses.Cache.Synced, Classes.Cache.Synced, Services.Cache.Synced, _slices.Cache.Synced, _secrets.Cache.Synced)
            .WaitAsync(cancellationToken);
        Take(first: true);
        while (await _changes.Reader.WaitToReadAsync(cancellationToken))
        {
            Take(first: false);
        }
    }

    private void Take(bool first)
    {
        var started = _time.GetTimestamp();
        var count = 0;
        while (_changes.Reader.TryRead(out var apply))
        {
            apply(_model);
            count++;
        }

        if (_model.Flush(first))
        {
            LogSnapshot(count, _time.GetElapsedTime(started).TotalMilliseconds);
            foreach (var key in _model.Reportable)
            {
                _changed(key);
            }
        }
    }

    [LoggerMessage(7001, LogLevel.Debug, "new snapshot after {Count} changes, in {Milliseconds:0.00} ms")]
    private partial void LogSnapshot(int count, double milliseconds);
}
