using System.ComponentModel;
using System.Runtime.InteropServices;
using Portico.Net.Interop;

namespace Portico.Net.Processes;

/// <summary>Tells when processes end, also such that are not our children. One thread waits for all of them.</summary>
public sealed unsafe class ProcessExits : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<(int Pidfd, int Pid, TaskCompletionSource<int?> Ended)> _added = [];
    private readonly int _wake;
    private readonly Thread _thread;
    private volatile bool _stopped;

    public ProcessExits()
    {
        _wake = LibC.eventfd(0, 0x80800); // EFD_CLOEXEC | EFD_NONBLOCK
        _thread = new Thread(Wait) { IsBackground = true, Name = "process exits" };
        _thread.Start();
    }

    /// <summary>
    /// Completes when the process has ended: with its exit code (128 + signal number when a signal ended it) when it was our child, else with null.
    /// Completes at once when there is no such process.
    /// </summary>
    public Task<int?> WaitAsync(int pid)
    {
        var ended = new TaskCompletionSource<int?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var pidfd = LibC.PidfdOpen(pid);
        if (pidfd < 0)
        {
            ended.SetResult(null);
            return ended.Task;
        }

        lock (_lock)
        {
            _added.Add((pidfd, pid, ended));
        }

        Wake();
        return ended.Task;
    }

    public void Dispose()
    {
        _stopped = true;
        Wake();
        _thread.Join();
        _ = LibC.close(_wake);
    }

    private void Wake()
    {
        ulong one = 1;
        _ = LibC.write(_wake, &one, sizeof(ulong));
    }

    private void Wait()
    {
        var waited = new List<(int Pidfd, int Pid, TaskCompletionSource<int?> Ended)>();
        while (!_stopped)
        {
            var fds = new LibC.PollFd[waited.Count + 1];
            fds[0] = new() { Descriptor = _wake, Events = LibC.PollIn };
            for (var i = 0; i < waited.Count; i++)
            {
                fds[i + 1] = new() { Descriptor = waited[i].Pidfd, Events = LibC.PollIn };
            }

            if (LibC.poll(ref fds[0], (nuint)fds.Length, -1) < 0 && Marshal.GetLastPInvokeError() is not LibC.EIntr and var error)
            {
                throw new Win32Exception(error);
            }

            for (var i = waited.Count - 1; i >= 0; i--)
            {
                if (fds[i + 1].Returned != 0)
                {
                    Finish(waited[i]);
                    waited.RemoveAt(i);
                }
            }

            ulong drained;
            _ = LibC.read(_wake, &drained, sizeof(ulong));
            lock (_lock)
            {
                waited.AddRange(_added);
                _added.Clear();
            }
        }

        foreach (var (pidfd, _, ended) in waited)
        {
            _ = LibC.close(pidfd);
            ended.TrySetCanceled();
        }
    }

    private static void Finish((int Pidfd, int Pid, TaskCompletionSource<int?> Ended) entry)
    {
        int status;
        var reaped = LibC.waitpid(entry.Pid, &status, LibC.WNoHang) == entry.Pid;
        _ = LibC.close(entry.Pidfd);
        // wait(2): the low seven bits hold the signal, the next byte the exit code.
        entry.Ended.TrySetResult(!reaped ? null : (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f));
    }
}
