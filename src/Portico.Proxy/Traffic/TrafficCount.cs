namespace Portico.Proxy.Traffic;

/// <param name="Received">Bytes that clients sent; like <paramref name="Sent"/> only where they are counted.</param>
internal readonly record struct TrafficCount(long Connections, long Received = 0, long Sent = 0)
{
    public static TrafficCount operator +(TrafficCount left, TrafficCount right) =>
        new(left.Connections + right.Connections, left.Received + right.Received, left.Sent + right.Sent);
}
