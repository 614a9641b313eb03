namespace Portico.Api.Validation;

/// <summary>status.loadBalancer of Services and Ingresses.</summary>
internal static class LoadBalancerRules
{
    public static void Validate(Field balancer, Problems problems)
    {
        foreach (var point in balancer["ingress"].Items)
        {
            if (point["ip"].Text is { Length: > 0 } address && !Addresses.TryParse(address, out _))
            {
                problems.Invalid(point["ip"], "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            }

            if (point["ip"].IsEmpty && !point["ipMode"].IsEmpty)
            {
                problems.Forbidden(point["ipMode"].Path, "may not be specified when `ip` is not set");
            }

            Checks.OneOf(point["ipMode"], problems, "Proxy", "VIP");
            if (point["hostname"].Text is { Length: > 0 } host)
            {
                Checks.Name(point["hostname"], problems, Names.Subdomain);
                if (Addresses.TryParse(host, out _))
                {
                    problems.Invalid(point["hostname"], "must be a DNS name, not an IP address");
                }
            }
        }
    }
}
