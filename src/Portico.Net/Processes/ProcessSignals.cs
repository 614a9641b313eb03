using Portico.Net.Interop;

namespace Portico.Net.Processes;

/// <summary>Signals to processes that we started.</summary>
public static class ProcessSignals
{
    private const int Sigkill = 9;
    private const int Sigterm = 15;

    /// <summary>Asks to end. Nothing happens when the process is gone.</summary>
    public static void Terminate(int pid) => _ = LibC.kill(pid, Sigterm);

    /// <summary>Ends it. Nothing happens when the process is gone.</summary>
    public static void Kill(int pid) => _ = LibC.kill(pid, Sigkill);
}
