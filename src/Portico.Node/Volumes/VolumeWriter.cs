using Portico.Net.Files;

namespace Portico.Node.Volumes;

/// <summary>
/// Writes files so that a reader sees either all old or all new ones: they lie in a directory of their own, which one symbolic link names
/// (upstream: AtomicWriter).
/// </summary>
internal static class VolumeWriter
{
    private const string Current = "..data";

    /// <param name="generation">Names this content; not used before.</param>
    public static void Write(string directory, IReadOnlyDictionary<string, byte[]> files, string generation)
    {
        Directory.CreateDirectory(directory);
        if (IsCurrent(directory, files))
        {
            return;
        }

        var old = new DirectoryInfo(Path.Combine(directory, Current)).LinkTarget;
        var fresh = $"..{generation}";
        Directory.CreateDirectory(Path.Combine(directory, fresh));
        foreach (var (path, content) in files)
        {
            var file = Path.Combine(directory, fresh, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
        }

        SymbolicLink.Replace(Path.Combine(directory, Current), fresh);
        LinkEntries(directory, files);
        if (old is not null)
        {
            Directory.Delete(Path.Combine(directory, old), recursive: true);
        }
    }

    private static void LinkEntries(string directory, IReadOnlyDictionary<string, byte[]> files)
    {
        var names = files.Keys.Select(path => path.Split('/')[0]).ToHashSet();
        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos().Where(entry => !entry.Name.StartsWith("..", StringComparison.Ordinal)))
        {
            if (!names.Remove(entry.Name))
            {
                entry.Delete();
            }
        }

        foreach (var name in names)
        {
            File.CreateSymbolicLink(Path.Combine(directory, name), $"{Current}/{name}");
        }
    }

    private static bool IsCurrent(string directory, IReadOnlyDictionary<string, byte[]> files)
    {
        var current = Path.Combine(directory, Current);
        return Directory.Exists(current)
            && Directory.EnumerateFiles(current, "*", SearchOption.AllDirectories).Count() == files.Count
            && files.All(file => Path.Combine(current, file.Key) is var path && File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(file.Value));
    }
}
