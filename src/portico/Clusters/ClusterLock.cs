using System.Text.Json;

namespace Portico.Cli.Clusters;

/// <summary>
/// One supervisor a cluster name on the machine: its namespaces are named after it. The kernel drops the lock when the holder dies,
/// however it dies; the file then still says who it was.
/// </summary>
public sealed class ClusterLock : IDisposable
{
    // Never removed: another cluster may be about to make its own files in it.
    private const string Directory = "/run/portico";
    private const int Tries = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private readonly FileStream _file;

    private ClusterLock(FileStream file) => _file = file;

    /// <summary>Null when another process holds it.</summary>
    public static async Task<ClusterLock?> TryTakeAsync(ClusterHome home, TimeProvider time, CancellationToken cancellationToken)
    {
        System.IO.Directory.CreateDirectory(Directory);
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            if (Open(home, FileMode.OpenOrCreate) is { } file)
            {
                return Own(home, file);
            }

            // Somebody who only looks holds it for a moment too.
            await Task.Delay(Pause, time, cancellationToken);
        }

        return null;
    }

    /// <summary>The holder, or null when nobody holds the name, or somebody has just begun to.</summary>
    public static ClusterOwner? Holder(ClusterHome home)
    {
        if (!File.Exists(PathOf(home)))
        {
            return null;
        }

        using var probe = Open(home, FileMode.Open);
        if (probe is not null)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(OwnerPath(home)), ClusterJson.Default.ClusterOwner);
        }
        catch (Exception early) when (early is FileNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Gives the name back and removes the files.</summary>
    public static void RemoveFiles(ClusterHome home)
    {
        if (System.IO.Directory.Exists(Directory))
        {
            File.Delete(PathOf(home));
            File.Delete(OwnerPath(home));
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileStream? Open(ClusterHome home, FileMode mode)
    {
        try
        {
            return new FileStream(PathOf(home), mode, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static ClusterLock Own(ClusterHome home, FileStream file)
    {
        var owner = JsonSerializer.SerializeToUtf8Bytes(new ClusterOwner(Environment.ProcessId, home.Root), ClusterJson.Default.ClusterOwner);
        // Beside the lock: the locked file itself can't be opened by those who want to read it.
        File.WriteAllBytes(OwnerPath(home), owner);
        return new(file);
    }

    private static string PathOf(ClusterHome home) => Path.Combine(Directory, home.Name + ".lock");

    private static string OwnerPath(ClusterHome home) => Path.Combine(Directory, home.Name + ".json");
}

/// <param name="Root">Directory of the cluster: another PORTICO_HOME may hold the same name.</param>
public sealed record ClusterOwner(int Pid, string Root);
