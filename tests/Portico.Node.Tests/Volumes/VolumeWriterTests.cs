using System.Text;
using Portico.Node.Volumes;

namespace Portico.Node.Tests.Volumes;

public sealed class VolumeWriterTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("pt-node-volume").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Write_ChangedContent_ReplacesAllAtOnceAndKeepsNothingOld()
    {
        Write("1", ("a", "1"), ("sub/b", "2"));
        Assert.Equal(("1", "2"), (Read("a"), Read("sub/b")));
        Write("2", ("a", "new"), ("c", "3"));
        Assert.Equal(("new", "3"), (Read("a"), Read("c")));
        Assert.Equal(["..2", "..data", "a", "c"], new DirectoryInfo(_directory).EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_SameContent_TouchesNothing()
    {
        Write("1", ("a", "1"));
        Write("2", ("a", "1"));
        Assert.Equal("..1", new DirectoryInfo(Path.Combine(_directory, "..data")).LinkTarget);
    }

    private void Write(string generation, params (string Path, string Content)[] files) =>
        VolumeWriter.Write(_directory, files.ToDictionary(file => file.Path, file => Encoding.UTF8.GetBytes(file.Content)), generation);

    private string Read(string path) => File.ReadAllText(Path.Combine(_directory, path));
}
