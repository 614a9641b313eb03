using System.Runtime.InteropServices;
using Portico.Cli.Supervision;

namespace Portico.Cli.Roles;

/// <summary>What every role's process has: it ends by SIGTERM, and it gives back what it does not use. Ctrl-C is the supervisor's; a role has its own session and hears it only when run by hand.</summary>
internal sealed class RoleProcess : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;
    private readonly RestingMemory _memory = new(TimeProvider.System);

    public RoleProcess()
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    }

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
        _memory.Dispose();
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _stop.Cancel();
    }
}
