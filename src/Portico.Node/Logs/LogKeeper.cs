using Portico.Net.Files;
using Portico.Node.Containers;
using Portico.Node.Pods;
using Portico.Node.Records;

namespace Portico.Node.Logs;

/// <summary>Notes when logs grow, and gives back the disk space of what is too old.</summary>
internal sealed class LogKeeper(PodSupervisor pods, RecordStore store, TimeProvider time)
{
    /// <summary>Bytes that are kept of a log; up to half as much again lies on the disk at times.</summary>
    public const long Kept = 10 * 1024 * 1024;

    private const int Block = 4096;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, (long Length, long Released)> _seen = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Look();
            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    internal void Look()
    {
        var current = new HashSet<string>();
        foreach (var (_, record) in pods.Records())
        {
            foreach (var container in record.Containers)
            {
                var files = new ContainerFiles(store.DirectoryOf(record.Id, container.Name));
                var log = files.Log(container.RestartCount);
                current.Add(log);
                Look(log, files.LogTimes(container.RestartCount));
            }
        }

        foreach (var gone in _seen.Keys.Where(log => !current.Contains(log)).ToList())
        {
            _seen.Remove(gone);
        }
    }

    private void Look(string log, string times)
    {
        var length = new FileInfo(log) is { Exists: true } file ? file.Length : 0;
        var known = _seen.GetValueOrDefault(log);
        if (length == known.Length)
        {
            return;
        }

        try
        {
            LogTimes.Append(times, length, time.GetUtcNow());
            var released = known.Released;
            if (length - released > Kept * 3 / 2)
            {
                released = (length - Kept) / Block * Block;
                Release(log, released);
            }

            _seen[log] = (length, released);
        }
        catch (DirectoryNotFoundException)
        {
            // The pod was removed meanwhile.
        }
    }

    private static void Release(string log, long length)
    {
        using var file = File.OpenHandle(log, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        if (!FileSpace.TryRelease(file, length))
        {
            // The container appends, so it goes on at the new end.
            RandomAccess.SetLength(file, 0);
        }
    }
}
