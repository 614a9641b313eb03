namespace Portico.Gateway.Metrics;

/// <summary>Counters of one pair of Ingress and Service. Written by every request without a lock.</summary>
internal sealed class RouteMetrics(string owner, string service)
{
    /// <summary>Upper bounds in seconds, as the default buckets of Prometheus' clients.</summary>
    public static readonly double[] Bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly StatusClass[] _classes = [new(), new(), new(), new(), new()];
    private int _inFlight;
    private long _upstreamErrors;
    private long _retries;

    public string Owner { get; } = owner;

    public string Service { get; } = service;

    public int InFlight => Volatile.Read(ref _inFlight);

    public long UpstreamErrors => Volatile.Read(ref _upstreamErrors);

    public long Retries => Volatile.Read(ref _retries);

    public void Begin() => Interlocked.Increment(ref _inFlight);

    public void End(int status, TimeSpan duration)
    {
        Interlocked.Decrement(ref _inFlight);
        _classes[Math.Clamp(status / 100, 1, 5) - 1].Add(duration);
    }

    public void UpstreamFailed() => Interlocked.Increment(ref _upstreamErrors);

    public void Retried() => Interlocked.Increment(ref _retries);

    /// <param name="hundreds">1 to 5.</param>
    public StatusClass Class(int hundreds) => _classes[hundreds - 1];

    internal sealed class StatusClass
    {
        private readonly long[] _buckets = new long[Bounds.Length + 1];
        private long _ticks;

        public TimeSpan Sum => new(Volatile.Read(ref _ticks));

        public long Count
        {
            get
            {
                long count = 0;
                for (var i = 0; i < _buckets.Length; i++)
                {
                    count += Bucket(i);
                }

                return count;
            }
        }

        /// <summary>Requests in bucket <paramref name="index"/> alone; the last one has no bound.</summary>
        public long Bucket(int index) => Volatile.Read(ref _buckets[index]);

        public void Add(TimeSpan duration)
        {
            var seconds = duration.TotalSeconds;
            var index = 0;
            while (index < Bounds.Length && seconds > Bounds[index])
            {
                index++;
            }

            Interlocked.Increment(ref _buckets[index]);
            Interlocked.Add(ref _ticks, duration.Ticks);
        }
    }
}
