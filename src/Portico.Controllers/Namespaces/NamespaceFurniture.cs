using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Portico.Api.Kinds;
using Portico.Api.Objects;
using Portico.Client.Queues;
using Portico.Client.Requests;

namespace Portico.Controllers.Namespaces;

/// <summary>What every namespace has: ServiceAccount <c>default</c> and ConfigMap <c>kube-root-ca.crt</c>. Made again when they are removed.</summary>
internal sealed class NamespaceFurniture : IController
{
    private const string AccountName = "default";
    private const string ConfigMapName = "kube-root-ca.crt";

    private readonly ControlContext _context;
    private readonly WorkQueue<ObjectKey> _queue;

    public NamespaceFurniture(ControlContext context)
    {
        _context = context;
        _queue = new(Name, context.Loggers.CreateLogger<NamespaceFurniture>(), context.Time);
        context.Caches.Namespaces.Changed += change => _queue.Add(change.Key);
        context.Caches.ServiceAccounts.Changed += change => Enqueue(change.Key, AccountName);
        context.Caches.ConfigMaps.Changed += change => Enqueue(change.Key, ConfigMapName);
    }

    public string Name => "namespace furniture";

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_queue.RunAsync(1, ReconcileAsync, cancellationToken), Resync.RunAsync(_context, _context.Caches.Namespaces, _queue, cancellationToken));

    private void Enqueue(ObjectKey key, string name)
    {
        if (key.Name == name)
        {
            _queue.Add(new("", key.Namespace));
        }
    }

    private async Task ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_context.Caches.Namespaces.Get(key) is not { Metadata.DeletionTimestamp: null })
        {
            return;
        }

        if (_context.Caches.ServiceAccounts.Get(new(key.Name, AccountName)) is null)
        {
            var account = new ServiceAccount { Metadata = new() { Namespace = key.Name, Name = AccountName } };
            Expect(await _context.Client.CreateAsync(KnownKinds.ServiceAccounts, account, cancellationToken));
        }

        await PublishAuthorityAsync(new(key.Name, ConfigMapName), cancellationToken);
    }

    private async Task PublishAuthorityAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var data = new Dictionary<string, string> { ["ca.crt"] = _context.Options.CertificateAuthorityPem };
        var found = await _context.Client.GetAsync(KnownKinds.ConfigMaps, key, cancellationToken);
        if (found.IsNotFound)
        {
            var map = new ConfigMap
            {
                Metadata = new()
                {
                    Namespace = key.Namespace,
                    Name = key.Name,
                    Annotations = new Dictionary<string, string>
                    {
                        ["kubernetes.io/description"] = "Certificate authority of the API server, for clients inside the cluster.",
                    },
                },
                Data = data,
            };
            Expect(await _context.Client.CreateAsync(KnownKinds.ConfigMaps, map, cancellationToken));
            return;
        }

        var current = found.OrThrow();
        if (current.Data.Count != 1 || current.Data.GetValueOrDefault("ca.crt") != _context.Options.CertificateAuthorityPem)
        {
            var fields = new JsonObject { ["ca.crt"] = _context.Options.CertificateAuthorityPem };
            foreach (var name in current.Data.Keys.Where(name => name != "ca.crt"))
            {
                fields[name] = null;
            }

            Expect(await _context.Client.PatchAsync(
                KnownKinds.ConfigMaps, key, PatchType.Merge, new JsonObject { ["data"] = fields }, null, cancellationToken));
        }
    }

    private static void Expect<T>(ApiResult<T> result)
        where T : class
    {
        if (!result.IsAlreadyExists && !result.IsNotFound)
        {
            result.OrThrow();
        }
    }
}
