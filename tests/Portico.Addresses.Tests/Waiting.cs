namespace Portico.Addresses.Tests;

internal static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Waits until <paramref name="state"/> is <paramref name="expected"/>; fails with the state that it was in last.</summary>
    public static async Task UntilAsync(string expected, Func<string> state)
    {
        var until = TimeProvider.System.GetTimestamp();
        while (state() != expected && TimeProvider.System.GetElapsedTime(until) < Limit)
        {
            await Task.Delay(5);
        }

        Assert.Equal(expected, state());
    }
}
