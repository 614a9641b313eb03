using System.Text;

namespace Portico.Proxy.Health;

/// <summary>The request line of HTTP/1.x; nothing else of a request matters to a probe.</summary>
internal static class TinyRequest
{
    /// <summary>Length of the head with its empty line; 0 when it is not all there yet.</summary>
    public static int HeadLength(ReadOnlySpan<byte> data)
    {
        var end = data.IndexOf("\r\n\r\n"u8);
        return end < 0 ? 0 : end + 4;
    }

    /// <summary>Path without query of a GET or HEAD; false for everything else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> head, out string path, out bool headOnly)
    {
        (path, headOnly) = ("", false);
        var end = head.IndexOf("\r\n"u8);
        var line = end < 0 ? head : head[..end];
        var first = line.IndexOf((byte)' ');
        var last = line.LastIndexOf((byte)' ');
        if (first < 0 || last <= first || !line[(last + 1)..].StartsWith("HTTP/1."u8))
        {
            return false;
        }

        var method = line[..first];
        headOnly = method.SequenceEqual("HEAD"u8);
        var target = line[(first + 1)..last];
        if ((!headOnly && !method.SequenceEqual("GET"u8)) || target.IsEmpty || target[0] != (byte)'/' || target.IndexOfAnyExceptInRange((byte)'!', (byte)'~') >= 0)
        {
            return false;
        }

        var query = target.IndexOf((byte)'?');
        path = Encoding.ASCII.GetString(query < 0 ? target : target[..query]);
        return true;
    }
}
