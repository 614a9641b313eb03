using System.Net;

namespace Portico.Net.Conntrack;

/// <summary>A tracked UDP flow: who asked whom, and who really answers.</summary>
public sealed record ConntrackFlow(IPEndPoint Source, IPEndPoint Destination, IPEndPoint ReplySource);
