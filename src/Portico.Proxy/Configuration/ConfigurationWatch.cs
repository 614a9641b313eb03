namespace Portico.Proxy.Configuration;

/// <summary>Notices that the configuration file says something else. By content: a mounted ConfigMap changes by a link that is moved.</summary>
public static class ConfigurationWatch
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>Completes with the reason when the file has changed; a file that is away for a moment has not.</summary>
    public static async Task<string> ChangedAsync(string file, TimeProvider time, CancellationToken cancellationToken)
    {
        var before = await File.ReadAllBytesAsync(file, cancellationToken);
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                if (!(await File.ReadAllBytesAsync(file, cancellationToken)).AsSpan().SequenceEqual(before))
                {
                    break;
                }
            }
            catch (IOException)
            {
                // Being replaced.
            }
        }

        return $"the configuration file {file} changed";
    }
}
