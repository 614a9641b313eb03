using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Portico.Server.Store;

namespace Portico.Server.Metrics;

/// <summary>What <c>/metrics</c> tells, under upstream's names.</summary>
internal sealed class ServerMetrics(IObjectStore store)
{
    private readonly ConcurrentDictionary<(string Method, int Code), Counter> _requests = new();

    public void Answered(string method, int code)
    {
        // Anybody can send any method; only those that mean something make a series.
        var known = method is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" ? method : "OTHER";
        Interlocked.Increment(ref _requests.GetOrAdd((known, code), static _ => new()).Count);
    }

    public string Render()
    {
        var text = new StringBuilder("# TYPE apiserver_request_total counter\n");
        foreach (var ((method, code), counter) in _requests)
        {
            text.Append(CultureInfo.InvariantCulture, $"apiserver_request_total{{verb=\"{method}\",code=\"{code}\"}} {Interlocked.Read(ref counter.Count)}\n");
        }

        text.Append("# TYPE apiserver_storage_objects gauge\n");
        foreach (var (resource, count) in store.Count())
        {
            text.Append(CultureInfo.InvariantCulture, $"apiserver_storage_objects{{resource=\"{resource}\"}} {count}\n");
        }

        return text.ToString();
    }

    private sealed class Counter
    {
        public long Count;
    }
}
