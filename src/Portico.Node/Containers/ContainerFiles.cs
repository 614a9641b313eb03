namespace Portico.Node.Containers;

/// <summary>Files of one container. Each run has its own; those of the newest and of the one before it are kept.</summary>
internal sealed class ContainerFiles(string directory)
{
    public string Log(int restart) => Path.Combine(directory, $"{restart}.log");

    /// <summary>When which part of the log was written.</summary>
    public string LogTimes(int restart) => Path.Combine(directory, $"{restart}.times");

    public string Exit(int restart) => Path.Combine(directory, $"{restart}.exit");

    /// <summary>Makes room for a run.</summary>
    public void Prepare(int restart)
    {
        Directory.CreateDirectory(directory);
        foreach (var file in Directory.EnumerateFiles(directory))
        {
            if (int.TryParse(Path.GetFileNameWithoutExtension(file), out var old) && old < restart - 1)
            {
                File.Delete(file);
            }
        }
    }
}
