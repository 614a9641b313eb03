using System.Buffers;
using System.Text;

namespace Portico.Gateway.Routing;

/// <summary>
/// The form of a path that rules are compared with: percent-decoded (also %2F), slashes merged, dot segments resolved, as nginx does. The request goes on
/// with the path that was received.
/// </summary>
internal static class RequestPath
{
    private static readonly SearchValues<char> NeedsWork = SearchValues.Create("%\0");

    /// <summary>The path part of a request target in origin or absolute form, as received. Empty when the target is neither.</summary>
    public static ReadOnlySpan<char> OfTarget(ReadOnlySpan<char> target)
    {
        var start = OriginStart(target);
        if (start < 0)
        {
            return default;
        }

        var path = target[start..];
        var end = path.IndexOfAny('?', '#');
        path = end < 0 ? path : path[..end];
        return path.Length == 0 ? "/" : path;
    }

    /// <summary>Where path and query begin in a request target; -1 when the target has neither form. May be the end (absolute form without a path).</summary>
    public static int OriginStart(ReadOnlySpan<char> target)
    {
        if (target.Length > 0 && target[0] == '/')
        {
            return 0;
        }

        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0)
        {
            return -1;
        }

        var authority = scheme + 3;
        var length = target[authority..].IndexOfAny('/', '?', '#');
        return length < 0 ? target.Length : authority + length;
    }

    /// <summary>Whether the path already is in normal form, which nearly every request's is.</summary>
    public static bool IsNormal(ReadOnlySpan<char> path) =>
        path.Length > 0 && path[0] == '/' && !path.ContainsAny(NeedsWork)
        && path.IndexOf("//", StringComparison.Ordinal) < 0 && path.IndexOf("/.", StringComparison.Ordinal) < 0;

    /// <param name="path">Begins with a slash, without query.</param>
    /// <param name="normal">Null when false is returned.</param>
    /// <returns>False for a bad escape, an escaped NUL, or ".." above the root.</returns>
    public static bool TryNormalize(ReadOnlySpan<char> path, out string? normal)
    {
        normal = null;
        if (path.Length == 0 || path[0] != '/' || !TryDecode(path, out var decoded) || decoded.Contains('\0'))
        {
            return false;
        }

        var segments = new List<string>();
        var parts = decoded.Split('/');
        for (var i = 1; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            switch (parts[i])
            {
                case "" or "." when !isLast:
                    break;
                case "" or ".":
                    segments.Add("");
                    break;
                case "..":
                    if (segments.Count == 0)
                    {
                        return false;
                    }

                    segments.RemoveAt(segments.Count - 1);
                    if (isLast)
                    {
                        segments.Add("");
                    }

                    break;
                default:
                    segments.Add(parts[i]);
                    break;
            }
        }

        normal = "/" + string.Join('/', segments);
        return true;
    }

    private static bool TryDecode(ReadOnlySpan<char> path, out string decoded)
    {
        decoded = "";
        if (path.IndexOf('%') < 0)
        {
            decoded = path.ToString();
            return true;
        }

        var bytes = new ArrayBufferWriter<byte>(path.Length);
        while (path.Length > 0)
        {
            var escape = path.IndexOf('%');
            if (escape != 0)
            {
                var plain = escape < 0 ? path : path[..escape];
                Encoding.UTF8.GetBytes(plain, bytes);
                path = path[plain.Length..];
            }
            else if (path.Length >= 3 && char.IsAsciiHexDigit(path[1]) && char.IsAsciiHexDigit(path[2]))
            {
                bytes.GetSpan(1)[0] = Convert.FromHexString(path.Slice(1, 2))[0];
                bytes.Advance(1);
                path = path[3..];
            }
            else
            {
                return false;
            }
        }

        decoded = Encoding.UTF8.GetString(bytes.WrittenSpan);
        return true;
    }
}
