namespace Portico.Proxy.Simulation;

public enum Verdict
{
    /// <summary>Not ours: goes on as if there were no proxy.</summary>
    Pass,

    /// <summary>Sent to one of the endpoints.</summary>
    Forward,

    /// <summary>Answered with "port unreachable"; the client sees "refused".</summary>
    Reject,

    /// <summary>Lost without an answer.</summary>
    Drop,
}
