namespace Portico.Cli.Echo;

internal static class Cancellation
{
    /// <summary>Completes, without an exception, when the token is cancelled.</summary>
    public static async Task UntilCancelledAsync(this CancellationToken token)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task;
    }
}
