using System.Net;
using System.Net.Sockets;
using Portico.Net.Conntrack;

namespace Portico.Proxy.Tests.Conntrack;

/// <summary>A connection tracking table without flows.</summary>
internal sealed class NoFlows : IConntrack
{
    public IReadOnlyList<ConntrackFlow> List(ProtocolType protocol, IPEndPoint? destination) => [];

    public void Delete(ConntrackFlow flow) => throw new InvalidOperationException("there is no flow");
}
