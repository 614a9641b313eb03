using System.Net;
using Portico.Proxy.Services;

namespace Portico.Proxy.Simulation;

/// <summary>The first packet of a connection.</summary>
public sealed record Packet(IPAddress Source, IPAddress Destination, TransportProtocol Protocol, ushort Port);
