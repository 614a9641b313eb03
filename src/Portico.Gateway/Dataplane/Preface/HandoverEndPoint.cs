using System.Net;

namespace Portico.Gateway.Dataplane.Preface;

/// <summary>Names the in-process listener: nothing on the network leads to it.</summary>
internal sealed class HandoverEndPoint : EndPoint
{
    public override string ToString() => "http2-handover";
}
