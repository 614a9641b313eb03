using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>One balancer for all frontends of a Service port, as long as there is one.</summary>
internal sealed class PortBalancers(TimeProvider time)
{
    private readonly Dictionary<ServicePortId, (EndpointBalancer Balancer, int Users)> _ports = [];

    public EndpointBalancer Enter(Frontend frontend)
    {
        var port = ServicePortId.Of(frontend);
        var (balancer, users) = _ports.TryGetValue(port, out var known) ? known : (new(time), 0);
        _ports[port] = (balancer, users + 1);
        return balancer;
    }

    public void Leave(Frontend frontend)
    {
        var port = ServicePortId.Of(frontend);
        var (balancer, users) = _ports[port];
        if (users == 1)
        {
            _ports.Remove(port);
        }
        else
        {
            _ports[port] = (balancer, users - 1);
        }
    }
}
