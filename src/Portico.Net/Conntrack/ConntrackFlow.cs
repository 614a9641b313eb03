using System.Net;
using System.Net.Sockets;

namespace Portico.Net.Conntrack;

/// <summary>A tracked TCP or UDP flow: who asked whom, and who really answers.</summary>
public sealed record ConntrackFlow(ProtocolType Protocol, IPEndPoint Source, IPEndPoint Destination, IPEndPoint ReplySource);
