namespace Portico.Benchmarks.Load;

internal static class Percentiles
{
    /// <summary>Nearest rank: a value that really occurred.</summary>
    /// <param name="share">Between 0 and 1.</param>
    public static double Of(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    public static double Median(IEnumerable<double> values) => Of(values, 0.5);
}
