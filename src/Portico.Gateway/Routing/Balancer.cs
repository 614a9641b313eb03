namespace Portico.Gateway.Routing;

/// <summary>Power of two choices: of two random endpoints, the one with fewer open requests. Needs no shared state and no lock.</summary>
internal static class Balancer
{
    /// <param name="exclude">Endpoint that was just tried without success; chosen again only when there is no other.</param>
    /// <param name="now">Timestamp that <see cref="BackendEndpoint.AvoidUntil"/> is compared with.</param>
    /// <returns>Null when the backend has no endpoint.</returns>
    public static BackendEndpoint? Pick(Backend backend, BackendEndpoint? exclude, long now, Random random)
    {
        var endpoints = backend.Endpoints;
        switch (endpoints.Length)
        {
            case 0:
                return null;
            case 1:
                return endpoints[0];
        }

        var first = random.Next(endpoints.Length);
        var second = random.Next(endpoints.Length - 1);
        second += second >= first ? 1 : 0;
        var chosen = Better(endpoints[first], endpoints[second], exclude, now);
        return IsWorthwhile(chosen, exclude, now) ? chosen : Next(endpoints, first, exclude, now) ?? chosen;
    }

    private static BackendEndpoint Better(BackendEndpoint one, BackendEndpoint two, BackendEndpoint? exclude, long now)
    {
        var goodOne = IsWorthwhile(one, exclude, now);
        if (goodOne != IsWorthwhile(two, exclude, now))
        {
            return goodOne ? one : two;
        }

        if (ReferenceEquals(one, exclude) || ReferenceEquals(two, exclude))
        {
            return ReferenceEquals(one, exclude) ? two : one;
        }

        return two.InFlight < one.InFlight ? two : one;
    }

    // Both choices were bad: with most endpoints dead, luck is not enough, so the rest is looked through once.
    private static BackendEndpoint? Next(ReadOnlySpan<BackendEndpoint> endpoints, int start, BackendEndpoint? exclude, long now)
    {
        for (var i = 0; i < endpoints.Length; i++)
        {
            var endpoint = endpoints[(start + i) % endpoints.Length];
            if (IsWorthwhile(endpoint, exclude, now))
            {
                return endpoint;
            }
        }

        return null;
    }

    private static bool IsWorthwhile(BackendEndpoint endpoint, BackendEndpoint? exclude, long now) =>
        !ReferenceEquals(endpoint, exclude) && !endpoint.IsAvoided(now);
}
