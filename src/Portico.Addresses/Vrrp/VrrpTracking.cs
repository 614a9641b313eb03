using Microsoft.Extensions.Logging;
using Portico.Net.Namespaces;
using Portico.Net.Processes;

namespace Portico.Addresses.Vrrp;

/// <summary>Looks at processes and runs checks, each once whichever groups track it.</summary>
internal sealed class VrrpTracking
{
    private static readonly TimeSpan ProcessInterval = TimeSpan.FromSeconds(1);

    private readonly NetworkNamespace? _within;
    private readonly Action<VrrpTrack, bool> _tell;
    private readonly TimeProvider _time;
    private readonly RunningLoops<VrrpTrack> _loops;
    private readonly Lock _lock = new();
    private readonly Dictionary<VrrpTrack, bool> _known = [];

    /// <param name="tell">Called with the first result, and with every one that is another than before.</param>
    public VrrpTracking(NetworkNamespace? within, Action<VrrpTrack, bool> tell, ILogger logger, TimeProvider time)
    {
        (_within, _tell, _time) = (within, tell, time);
        _loops = new(static track => $"VRRP {track.Name}", LookAsync, logger, time);
    }

    public async Task SetAsync(IReadOnlyCollection<VrrpTrack> tracks)
    {
        var wanted = tracks.Where(static track => track is not InterfaceTrack).ToHashSet();
        lock (_lock)
        {
            foreach (var gone in _known.Keys.Except(wanted).ToList())
            {
                _known.Remove(gone);
            }
        }

        await _loops.SetAsync(wanted);
    }

    /// <summary>Results that are there already, for a group that came later.</summary>
    public List<(VrrpTrack Track, bool Succeeds)> Known(IReadOnlyCollection<VrrpTrack> tracks)
    {
        lock (_lock)
        {
            return [.. tracks.Where(_known.ContainsKey).Select(track => (track, _known[track]))];
        }
    }

    private async Task LookAsync(VrrpTrack track, CancellationToken cancellationToken)
    {
        var (interval, rise, fall) = track is CheckTrack check ? (check.Interval, check.Rise, check.Fall) : (ProcessInterval, 1, 1);
        var counter = new RiseFall(rise, fall);
        while (true)
        {
            var succeeds = track is CheckTrack run ? await RunAsync(run, cancellationToken) : IsRunning(((ProcessTrack)track).Process);
            if (counter.Count(succeeds) is { } changed)
            {
                lock (_lock)
                {
                    _known[track] = changed;
                }

                _tell(track, changed);
            }

            await Task.Delay(interval, _time, cancellationToken);
        }
    }

    private async Task<bool> RunAsync(CheckTrack check, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(check.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return (await Command.RunInAsync(_within, check.Command, check.Arguments, null, either.Token)).ExitCode == 0;
        }
        catch (Exception failure) when (failure is IOException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private static bool IsRunning(string name)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (char.IsAsciiDigit(Path.GetFileName(directory)[0]) && NameOf(directory) == name)
            {
                return true;
            }
        }

        return false;
    }

    private static string? NameOf(string directory)
    {
        try
        {
            return File.ReadAllText($"{directory}/comm").TrimEnd('\n');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
