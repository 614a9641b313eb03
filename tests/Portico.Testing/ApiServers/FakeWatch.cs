using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;

namespace Portico.Testing.ApiServers;

/// <summary>One open watch of a <see cref="FakeApiServer"/>.</summary>
internal sealed class FakeWatch(string resource, string @namespace)
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private bool _ended;

    public string Resource => resource;

    public Stream Body => _pipe.Reader.AsStream();

    /// <summary>False when the watch has ended.</summary>
    public bool Offer(string type, JsonObject value)
    {
        if (type != "BOOKMARK" && @namespace.Length > 0 && (string?)value["metadata"]?["namespace"] != @namespace)
        {
            return !_ended;
        }

        return Write(Encoding.UTF8.GetBytes(new JsonObject { ["type"] = type, ["object"] = value.DeepClone() }.ToJsonString() + "\n"));
    }

    /// <summary>Sends bytes as they are.</summary>
    public bool Write(ReadOnlySpan<byte> bytes)
    {
        if (_ended)
        {
            return false;
        }

        bytes.CopyTo(_pipe.Writer.GetSpan(bytes.Length));
        _pipe.Writer.Advance(bytes.Length);
        // No threshold, so the flush is done when it returns.
        _ended = _pipe.Writer.FlushAsync().AsTask().IsCompletedSuccessfully is false;
        return !_ended;
    }

    public bool End(Exception? error)
    {
        if (_ended)
        {
            return false;
        }

        _ended = true;
        _pipe.Writer.Complete(error);
        return true;
    }
}
