using System.Text.Json;

namespace Portico.Node.Records;

/// <summary>The records of a node: one directory a pod, with the pod's files beside its record.</summary>
internal sealed class RecordStore(string stateDirectory)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Empty, and stays so: where mount plans stage new mount points.</summary>
    public string Staging => Path.Combine(stateDirectory, "staging");

    public string DirectoryOf(string id) => Path.Combine(stateDirectory, "pods", id);

    /// <summary>Of one container: its logs and the file that its exit code is written to.</summary>
    public string DirectoryOf(string id, string container) => Path.Combine(DirectoryOf(id), "containers", container);

    public void Prepare()
    {
        Directory.CreateDirectory(stateDirectory, OwnerOnly);
        Directory.CreateDirectory(Path.Combine(stateDirectory, "pods"));
        Directory.CreateDirectory(Staging);
    }

    /// <summary>Every pod that has a directory. A record that can't be read yields only the id: what is left of it must be removed.</summary>
    public IReadOnlyList<(string Id, PodRecord? Record)> Load()
    {
        var pods = Path.Combine(stateDirectory, "pods");
        return Directory.Exists(pods)
            ? [.. Directory.EnumerateDirectories(pods).Select(path => Path.GetFileName(path)).Select(id => (id, TryRead(id)))]
            : [];
    }

    /// <summary>Replaces the record in one step, so that a reader never finds half of it.</summary>
    public void Save(PodRecord record)
    {
        var directory = DirectoryOf(record.Id);
        Directory.CreateDirectory(directory);
        var fresh = Path.Combine(directory, "pod.json.new");
        File.WriteAllBytes(fresh, JsonSerializer.SerializeToUtf8Bytes(record, RecordJson.Default.PodRecord));
        File.Move(fresh, FileOf(record.Id), overwrite: true);
    }

    public void Remove(string id)
    {
        if (Directory.Exists(DirectoryOf(id)))
        {
            Directory.Delete(DirectoryOf(id), recursive: true);
        }
    }

    private string FileOf(string id) => Path.Combine(DirectoryOf(id), "pod.json");

    private PodRecord? TryRead(string id)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(FileOf(id)), RecordJson.Default.PodRecord);
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException)
        {
            return null;
        }
    }
}
