namespace Portico.Gateway.Tests.Fakes;

internal static class Eventually
{
    /// <summary>Waits until <paramref name="check"/> holds; the message of a time-out says what was so instead.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> check, Func<string> state)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await check())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(15), state());
            await Task.Delay(5);
        }
    }

    public static Task HoldsAsync(Func<bool> check, Func<string> state) => HoldsAsync(() => Task.FromResult(check()), state);
}
