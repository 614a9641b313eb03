namespace Portico.Node.Containers;

/// <summary>How long a container rests before it is started again (upstream: MaxContainerBackOff and its flowcontrol.Backoff).</summary>
internal static class BackOff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Reset = TimeSpan.FromMinutes(10);

    /// <param name="backOffs">Restarts in a row. The first restart is at once.</param>
    public static TimeSpan Delay(int backOffs) =>
        backOffs == 0 ? TimeSpan.Zero : backOffs > 6 ? Longest : First * Math.Pow(2, backOffs - 1) is var delay && delay < Longest ? delay : Longest;

    /// <summary>Restarts in a row, when a run from <paramref name="started"/> to <paramref name="ended"/> is followed by another.</summary>
    public static int Next(int backOffs, DateTimeOffset started, DateTimeOffset ended) => ended - started >= Reset ? 1 : backOffs + 1;
}
