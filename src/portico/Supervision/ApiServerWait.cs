using Portico.Cli.Clusters;
using Portico.Client.Requests;

namespace Portico.Cli.Supervision;

/// <summary>Waits for the control plane's API server.</summary>
internal static class ApiServerWait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Returns when /readyz says yes.</summary>
    /// <exception cref="IOException">It did not within a minute; the message says where its log is.</exception>
    public static async Task RunAsync(ClusterHome home, KubernetesClient client, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!await IsReadyAsync(client, cancellationToken))
        {
            if (time.GetElapsedTime(started) > Limit)
            {
                throw new IOException($"the API server at {client.Connection.Server} did not become ready within {Limit.TotalSeconds} s; its log: {home.Run}/controlplane.log");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private static async Task<bool> IsReadyAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.SendRawAsync(HttpMethod.Get, "/readyz", null, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
