namespace Portico.Node.Probes;

internal enum ProbeKind
{
    Startup,
    Liveness,
    Readiness,
}
