using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Portico.Net.Namespaces;

namespace Portico.Benchmarks.ServiceProxies;

/// <summary>Connections from the client's namespace. Blocking calls on threads of their own: nothing but the way itself is measured.</summary>
internal static class Connections
{
    private const int AnswerLimit = 5000;

    /// <returns>Microseconds from SYN to the answer to it, one each.</returns>
    public static List<double> FirstPackets(NetworkNamespace client, string address, int count) => client.Run(() =>
    {
        var times = new List<double>(count);
        var to = new IPEndPoint(IPAddress.Parse(address), 80);
        for (var i = 0; i < count; i++)
        {
            using var socket = Socket();
            var started = Stopwatch.GetTimestamp();
            socket.Connect(to);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
            socket.LingerState = new(true, 0);
        }

        return times;
    });

    /// <summary>One whole connection to a greeting server.</summary>
    /// <returns>The endpoint that answered; null: refused, reset or no answer.</returns>
    public static IPAddress? Greet(IPEndPoint to)
    {
        try
        {
            using var socket = Socket();
            socket.Connect(to);
            var buffer = new byte[16];
            var read = 0;
            while (socket.Receive(buffer, read, buffer.Length - read, SocketFlags.None) is > 0 and var more)
            {
                read += more;
            }

            return read == 4 ? new IPAddress(buffer.AsSpan(0, 4)) : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>As many as there can be, one after the other on each thread.</summary>
    public static (long Done, long Failed, TimeSpan Took) AsManyAsPossible(NetworkNamespace client, IPEndPoint to, int threads, TimeSpan time)
    {
        var (done, failed) = (0L, 0L);
        var started = Stopwatch.GetTimestamp();
        Thread[] all = [.. Enumerable.Range(0, threads).Select(number => client.RunThread(() =>
        {
            while (Stopwatch.GetElapsedTime(started) < time)
            {
                _ = Greet(to) is null ? Interlocked.Increment(ref failed) : Interlocked.Increment(ref done);
            }
        }, $"load {number}"))];
        foreach (var thread in all)
        {
            thread.Join();
        }

        return (done, failed, Stopwatch.GetElapsedTime(started));
    }

    /// <returns>How many bytes came until the end.</returns>
    public static long Receive(NetworkNamespace client, IPEndPoint from) => client.Run(() =>
    {
        using var socket = Socket();
        socket.Connect(from);
        var buffer = new byte[256 * 1024];
        var total = 0L;
        while (socket.Receive(buffer) is > 0 and var read)
        {
            total += read;
        }

        return total;
    });

    private static Socket Socket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = AnswerLimit, SendTimeout = AnswerLimit };
}
