using System.Net;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>
/// Listens for one frontend and forwards what comes. Disposed, it accepts nothing more: TCP connections go on until they end by themselves, UDP sessions,
/// which have no end, end then.
/// </summary>
internal interface IForwarder : IAsyncDisposable
{
    /// <summary>Where it listens.</summary>
    IPEndPoint Address { get; }

    Frontend Frontend { get; }

    /// <summary>The frontend as it is from now on; what is established goes on.</summary>
    void Serve(Frontend frontend, EndpointBalancer balancer);
}
