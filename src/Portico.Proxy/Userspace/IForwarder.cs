using System.Net;
using Portico.Proxy.Services;

namespace Portico.Proxy.Userspace;

/// <summary>Listens for one frontend and forwards what comes.</summary>
internal interface IForwarder
{
    /// <summary>Where the rules send the frontend's traffic.</summary>
    IPEndPoint Address { get; }

    /// <summary>The frontend as it is now; what is established goes on.</summary>
    Frontend Frontend { get; set; }

    /// <summary>Runs until accepting has stopped and all connections have ended, or until cancelled, which breaks them.</summary>
    /// <param name="removed">Accept nothing more; what is established goes on until it ends by itself.</param>
    Task RunAsync(CancellationToken removed, CancellationToken cancellationToken);
}
