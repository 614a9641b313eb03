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

    /// <summary>The frontend as it is now; what is established goes on.</summary>
    Frontend Frontend { get; set; }
}
