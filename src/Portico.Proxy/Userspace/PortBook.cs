using System.Globalization;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>
/// Which local port each frontend had, in a file, so that a process that starts again listens where the rules of the last one lead: nothing is refused once
/// it listens. A file that can't be read costs only that.
/// </summary>
/// <param name="file">Null: nothing is kept.</param>
internal sealed class PortBook(string? file)
{
    private readonly Dictionary<string, ushort> _ports = Read(file);

    /// <returns>0: any.</returns>
    public ushort PortOf(FrontendKey key) => _ports.GetValueOrDefault(key.ToString());

    /// <exception cref="IOException">The directory can't be written to.</exception>
    public void Note(FrontendKey key, ushort port)
    {
        if (file is not null && PortOf(key) != port)
        {
            _ports[key.ToString()] = port;
            File.AppendAllText(file, Line(key.ToString(), port));
        }
    }

    /// <summary>Forgets the ports of frontends that are no more.</summary>
    /// <exception cref="IOException">The directory can't be written to.</exception>
    public void Keep(IEnumerable<FrontendKey> keys)
    {
        var kept = keys.Select(static key => key.ToString()).ToHashSet();
        var gone = _ports.Keys.Where(name => !kept.Contains(name)).ToList();
        if (file is null || gone.Count == 0)
        {
            return;
        }

        foreach (var name in gone)
        {
            _ports.Remove(name);
        }

        File.WriteAllText(file + ".new", string.Concat(_ports.Select(static entry => Line(entry.Key, entry.Value))));
        File.Move(file + ".new", file, overwrite: true);
    }

    private static string Line(string name, ushort port) => string.Create(CultureInfo.InvariantCulture, $"{name} {port}\n");

    private static Dictionary<string, ushort> Read(string? file)
    {
        var ports = new Dictionary<string, ushort>(StringComparer.Ordinal);
        if (file is null)
        {
            return ports;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
        {
            // The last line may be half of one.
            if (line.Split(' ') is [var name, var text] && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            {
                ports[name] = port;
            }
        }

        return ports;
    }
}
