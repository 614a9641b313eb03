using System.Diagnostics;
using System.Globalization;
using Portico.Net.Namespaces;
using Portico.Proxy;

namespace Portico.Benchmarks.ServiceProxies;

/// <summary>A <see cref="ProxyHost"/> in a process and a namespace of its own.</summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    public const string Verb = "host-proxy";

    private readonly Process _process;
    private readonly SemaphoreSlim _turn = new(1);

    private ProxyProcess(Process process) => _process = process;

    public int Pid => _process.Id;

    public static ProxyProcess Start(NetworkNamespace inside, ProxyMode mode)
    {
        var start = new ProcessStartInfo("nsenter", ["--net=" + inside.Path, Environment.ProcessPath!, Verb, mode.ToString()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new(Process.Start(start)!);
    }

    public async Task<double[]> AskAsync(string command, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await _process.StandardInput.WriteLineAsync(command.AsMemory(), cancellationToken);
            await _process.StandardInput.FlushAsync(cancellationToken);
            var line = await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new IOException($"the proxy's process ended at: {command[..Math.Min(60, command.Length)]}");
            return line == "done" ? [] : [.. line.Split(' ').Select(static word => double.Parse(word, CultureInfo.InvariantCulture))];
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
        _turn.Dispose();
    }
}
