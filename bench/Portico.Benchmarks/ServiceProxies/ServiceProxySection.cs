using Portico.Benchmarks.Results;

namespace Portico.Benchmarks.ServiceProxies;

/// <summary>The service proxy alone, in namespaces of its own: no cluster.</summary>
internal static class ServiceProxySection
{
    /// <param name="quick">Small sizes and short times: shows that the measurements work, not what they would measure.</param>
    public static async Task RunAsync(bool quick, Report report, CancellationToken cancellationToken)
    {
        await RuleMeasures.LoadAndChangeAsync(quick, report, cancellationToken);
        await RuleMeasures.FirstPacketAsync(quick, report, cancellationToken);
        await RuleMeasures.MemoryAsync(quick, report, cancellationToken);
        await RuleMeasures.IptablesAsync(quick, report, cancellationToken);
        await UserspaceComparison.RunAsync(quick, report, cancellationToken);
        await Churn.RunAsync(quick, report, cancellationToken);
    }
}
