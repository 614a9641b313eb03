namespace Portico.Controllers.ReplicaSets;

/// <summary>
/// Does the same thing many times in batches of 1, 2, 4, …, and stops after the first batch with a failure: what can't succeed is
/// not tried hundreds of times.
/// </summary>
internal static class SlowStart
{
    /// <param name="work">Gets the number of the call; false when it failed.</param>
    /// <returns>How many succeeded.</returns>
    public static async Task<int> RunAsync(int count, Func<int, Task<bool>> work)
    {
        var done = 0;
        for (var batch = 1; done < count; batch *= 2)
        {
            var size = Math.Min(batch, count - done);
            var tasks = new Task<bool>[size];
            for (var i = 0; i < size; i++)
            {
                tasks[i] = work(done + i);
            }

            var succeeded = (await Task.WhenAll(tasks)).Count(success => success);
            done += succeeded;
            if (succeeded < size)
            {
                break;
            }
        }

        return done;
    }
}
