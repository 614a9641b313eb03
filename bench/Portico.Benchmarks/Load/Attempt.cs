namespace Portico.Benchmarks.Load;

/// <summary>One request, with its times since the load began.</summary>
/// <param name="Due">When it had to be sent; latency counts from here, so a stalled sender can't hide a stall.</param>
/// <param name="Status">HTTP status; 0 when there was no answer.</param>
/// <param name="Pod">Which pod answered, as the echo image says.</param>
/// <param name="Error">Why there was no answer.</param>
internal sealed record Attempt(TimeSpan Due, TimeSpan Done, int Status, string? Pod, string? Error)
{
    public bool Succeeded => Status == 200;

    public TimeSpan Latency => Done - Due;
}
