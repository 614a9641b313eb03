using System.Globalization;
using System.IO.Pipes;
using System.Net;
using System.Text;
using Portico.Net.Mounts;
using Portico.Net.Namespaces;
using Portico.Net.Processes;
using Portico.Node.Networks;
using Portico.Node.Records;

namespace Portico.Node.Containers;

/// <summary>Containers as processes of the machine, each behind a small shell that outlives the agent and writes down the exit code.</summary>
internal sealed class LinuxPodRuntime(PodNetwork network, RecordStore records, ProcessExits exits, TimeProvider time) : IPodRuntime
{
    private const int ExecOutput = 10 * 1024; // as upstream's maxReadLength of exec probes
    private const int Killed = 128 + 9;

    // Descriptor 3 is the exit file. The shell is the first process of the PID namespace: with it, everything ends that the program left behind.
    private static readonly string[] MountProc = [Find("mount", "/bin:/usr/bin") ?? "mount", "-t", "proc", "proc", "/proc"];
    private static readonly string Launcher = $"{string.Join(' ', MountProc)}; \"$@\" 3>&-; echo $? >&3";

    // A pod's services come and go there; it also holds the machine's secrets and sockets.
    private static readonly IReadOnlyList<string> EmptyDirectories = ["/run"];

    public Task CreateAsync(PodRecord pod, CancellationToken cancellationToken) =>
        network.CreateAsync(pod.Id, IPAddress.Parse(pod.Address), cancellationToken);

    public bool Exists(PodRecord pod) => network.NamespaceOf(pod.Id).Exists;

    public Task RemoveAsync(PodRecord pod, CancellationToken cancellationToken)
    {
        // Only those of a pod that nobody watched: a container's end takes its processes with it.
        NamespaceProcesses.Kill(network.NamespaceOf(pod.Id));
        return network.RemoveAsync(pod.Id, cancellationToken);
    }

    public ProcessIdentity Start(PodRecord pod, ContainerStart start)
    {
        RequireProgram(start);
        Directory.CreateDirectory(Path.GetDirectoryName(start.ExitFile)!);
        using var input = File.OpenHandle("/dev/null");
        using var log = new FileStream(start.LogFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        using var exit = new FileStream(start.ExitFile, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        var pid = IsolatedProcess.Start(
            network.NamespaceOf(pod.Id),
            start.Hostname,
            new MountPlan { Staging = records.Staging, Empty = EmptyDirectories, Binds = start.Mounts },
            new Spawn
            {
                Program = "/bin/sh",
                Arguments = ["-c", Launcher, "portico", .. start.CommandLine],
                Environment = [.. start.Environment.Select(variable => $"{variable.Key}={variable.Value}")],
                WorkingDirectory = start.WorkingDirectory ?? "/",
                Handles = [input, log.SafeFileHandle, log.SafeFileHandle, exit.SafeFileHandle],
            });
        return ProcessIdentity.Of(pid) ?? new(pid, 0);
    }

    public async Task<int> WaitAsync(ContainerRecord container, string exitFile, CancellationToken cancellationToken)
    {
        var shell = ProcessIdentity.Of(container.Pid) is { } now && now == container.Process
            ? await exits.WaitAsync(container.Pid).WaitAsync(cancellationToken)
            : null;
        var written = File.Exists(exitFile) ? await File.ReadAllTextAsync(exitFile, cancellationToken) : "";
        return int.TryParse(written, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var code)
            ? code
            : shell is null or 0 ? Killed : shell.Value;
    }

    public bool TryTerminate(ContainerRecord container)
    {
        if (!container.Process.IsAlive)
        {
            return true;
        }

        // The first child is the shell's mount, or the program.
        if (ProcessIdentity.Children(container.Pid) is not [var program, ..] || ProcessIdentity.CommandLine(program).SequenceEqual(MountProc))
        {
            return false;
        }

        ProcessSignals.Terminate(program);
        return true;
    }

    public void Kill(ContainerRecord container) => container.Process.Kill();

    public async Task<ExecResult> ExecAsync(
        ContainerRecord container, IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!container.Process.IsAlive || command.Count == 0)
        {
            return new(Killed, command.Count == 0 ? "no command" : "the container does not run");
        }

        await using var output = new AnonymousPipeServerStream(PipeDirection.In);
        int pid;
        using (var input = File.OpenHandle("/dev/null"))
        {
            var end = output.ClientSafePipeHandle;
            pid = IsolatedProcess.StartBeside(container.Pid, new Spawn
            {
                Program = "/bin/sh",
                Arguments = ["-c", "exec \"$@\"", "portico", .. command],
                // The kernel keeps what the container was started with, also for an agent that did not start it.
                Environment = File.ReadAllText($"/proc/{container.Pid}/environ").Split('\0', StringSplitOptions.RemoveEmptyEntries),
                Handles = [input, end, end],
            });
            output.DisposeLocalCopyOfClientHandle();
        }

        var ended = exits.WaitAsync(pid);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var text = ReadAsync(output, limit.Token);
        try
        {
            var code = await ended.WaitAsync(timeout, time, cancellationToken);
            // A grandchild may keep the pipe open; what it will write is not part of the answer.
            await Task.WhenAny(text, Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken));
            await limit.CancelAsync();
            return new(code ?? Killed, await text);
        }
        catch (TimeoutException)
        {
            ProcessSignals.Kill(pid);
            await limit.CancelAsync();
            return new(null, await text);
        }
        catch (OperationCanceledException)
        {
            ProcessSignals.Kill(pid);
            await limit.CancelAsync();
            await text;
            throw;
        }
    }

    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[ExecOutput];
        var length = 0;
        try
        {
            while (length < buffer.Length && await stream.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
            {
                length += read;
            }
        }
        catch (OperationCanceledException)
        {
            // What came in time is the answer.
        }

        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static void RequireProgram(ContainerStart start)
    {
        var program = start.CommandLine[0];
        var found = program.Contains('/', StringComparison.Ordinal)
            ? File.Exists(Path.Combine(start.WorkingDirectory ?? "/", program)) || start.Mounts.Any(mount => program.StartsWith(mount.Target + "/", StringComparison.Ordinal))
            : Find(program, start.Environment.GetValueOrDefault("PATH", "")) is not null;
        if (!found)
        {
            throw new ContainerStartException(program.Contains('/', StringComparison.Ordinal)
                ? $"exec: \"{program}\": no such file on this machine"
                : $"exec: \"{program}\": executable file not found in $PATH");
        }
    }

    private static string? Find(string program, string path) =>
        path.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);
}
