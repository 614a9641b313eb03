using System.Text.Json;

namespace Portico.Cli.Clusters;

/// <summary>
/// One supervisor a cluster name on the machine: its namespaces are named after it. The kernel drops the lock when the holder dies,
/// however it dies; the file then still says who it was.
/// </summary>
public sealed class ClusterLock : IDisposable
{
    private const string Directory = "/run/portico";

    private readonly FileStream _file;

    private ClusterLock(FileStream file) => _file = file;

    /// <summary>Null when another process holds it.</summary>
    public static ClusterLock? TryTake(ClusterHome home)
    {
        System.IO.Directory.CreateDirectory(Directory);
        FileStream file;
        try
        {
            file = new FileStream(PathOf(home), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }

        var owner = JsonSerializer.SerializeToUtf8Bytes(new ClusterOwner(Environment.ProcessId, home.Root), ClusterJson.Default.ClusterOwner);
        // Beside the lock: the locked file itself can't be opened by those who want to read it.
        File.WriteAllBytes(OwnerPath(home), owner);
        return new(file);
    }

    /// <summary>The holder, or null when nobody holds the name.</summary>
    public static ClusterOwner? Holder(ClusterHome home)
    {
        if (!File.Exists(PathOf(home)))
        {
            return null;
        }

        try
        {
            using var probe = new FileStream(PathOf(home), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return null;
        }
        catch (IOException)
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(OwnerPath(home)), ClusterJson.Default.ClusterOwner);
        }
    }

    /// <summary>Gives the name back and removes the files.</summary>
    public static void RemoveFiles(ClusterHome home)
    {
        File.Delete(PathOf(home));
        File.Delete(OwnerPath(home));
        if (System.IO.Directory.Exists(Directory) && !System.IO.Directory.EnumerateFileSystemEntries(Directory).Any())
        {
            System.IO.Directory.Delete(Directory);
        }
    }

    public void Dispose() => _file.Dispose();

    private static string PathOf(ClusterHome home) => Path.Combine(Directory, home.Name + ".lock");

    private static string OwnerPath(ClusterHome home) => Path.Combine(Directory, home.Name + ".json");
}

/// <param name="Root">Directory of the cluster: another PORTICO_HOME may hold the same name.</param>
public sealed record ClusterOwner(int Pid, string Root);
