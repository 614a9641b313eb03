using System.Text.Json;
using Portico.Net.Processes;

namespace Portico.Cli.Clusters;

/// <summary>
/// One supervisor a cluster name on the machine: its namespaces are named after it. The kernel drops the lock when the holder dies, however
/// it dies. The lock file itself stays: a name that is removed while another process opens it would be two locks.
/// </summary>
public sealed class ClusterLock : IDisposable
{
    private const string Directory = "/run/portico";

    private readonly FileStream _file;
    private readonly string _owner;

    private ClusterLock(FileStream file, string owner) => (_file, _owner) = (file, owner);

    /// <summary>Null when another process holds it.</summary>
    public static ClusterLock? TryTake(ClusterHome home)
    {
        System.IO.Directory.CreateDirectory(Directory);
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(Directory, home.Name + ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }

        var owner = new ClusterOwner(ProcessIdentity.Of(Environment.ProcessId)!.Value, home.Root);
        // Beside the lock: the locked file itself can't be opened by those who want to read it.
        var path = OwnerPath(home);
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(owner, ClusterJson.Default.ClusterOwner));
        File.Move(path + ".new", path, overwrite: true);
        return new(file, path);
    }

    /// <summary>The holder, or null when nobody holds the name. Does not touch the lock, so it never stands in a taker's way.</summary>
    public static ClusterOwner? Holder(ClusterHome home)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(OwnerPath(home)), ClusterJson.Default.ClusterOwner) is { Process.IsAlive: true } owner ? owner : null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Gives the name back.</summary>
    public void Dispose()
    {
        File.Delete(_owner);
        _file.Dispose();
    }

    private static string OwnerPath(ClusterHome home) => Path.Combine(Directory, home.Name + ".json");
}

/// <param name="Root">Directory of the cluster: another PORTICO_HOME may hold the same name.</param>
public sealed record ClusterOwner(ProcessIdentity Process, string Root)
{
    public int Pid => Process.Pid;
}
