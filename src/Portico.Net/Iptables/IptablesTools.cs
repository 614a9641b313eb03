using Portico.Net.Namespaces;
using Portico.Net.Netlink;
using Portico.Net.Processes;

namespace Portico.Net.Iptables;

/// <summary>
/// <c>iptables</c> or <c>ip6tables</c>, whichever variant the system has chosen. Where that keeps its rules in nf_tables, the kernel tells who removes
/// some; legacy tells nobody, so its canary is looked at.
/// </summary>
public sealed class IptablesTools : IIptables, IDisposable
{
    private const string LockSeconds = "5"; // other programs hold the lock of legacy for the time of one restore
    private static readonly TimeSpan NotificationPoll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan CanaryPoll = TimeSpan.FromSeconds(5);
    private static readonly string[] Tables = ["nat", "filter", "mangle"];

    private readonly NetworkNamespace? _inside;
    private readonly TimeProvider _time;
    private readonly string _program;
    private readonly byte _family;
    private RuleRemovals? _removals;
    private bool _legacy;

    /// <param name="family">AF_INET or AF_INET6, see <see cref="NetlinkConstants"/>.</param>
    /// <param name="inside">Null: the process's own network namespace.</param>
    /// <param name="program">Null: the variant that the system has chosen.</param>
    public IptablesTools(byte family, NetworkNamespace? inside, TimeProvider time, string? program = null)
    {
        (_family, _inside, _time) = (family, inside, time);
        _program = program ?? (family == NetlinkConstants.FamilyIPv6 ? "ip6tables" : "iptables");
    }

    public async Task<string> SaveAsync(CancellationToken cancellationToken)
    {
        await WatchAsync(cancellationToken);
        return await SaveAsync([], cancellationToken);
    }

    public Task<string> SaveCountedAsync(CancellationToken cancellationToken) => SaveAsync(["-c"], cancellationToken);

    public async Task RestoreAsync(string script, CancellationToken cancellationToken)
    {
        await WatchAsync(cancellationToken);
        _removals?.BeginOwn();
        try
        {
            (await Command.RunInAsync(_inside, $"{_program}-restore", ["--noflush", "-w", LockSeconds], script, cancellationToken)).OrThrow($"{_program}-restore");
        }
        finally
        {
            _removals?.EndOwn();
        }
    }

    public async Task WaitForForeignChangeAsync(string canary, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(_legacy ? CanaryPoll : NotificationPoll, _time, cancellationToken);
            if (_legacy ? !await IsAliveAsync(canary, cancellationToken) : _removals?.Seen() == true)
            {
                return;
            }
        }
    }

    public void Dispose() => _removals?.Dispose();

    private async Task<string> SaveAsync(string[] options, CancellationToken cancellationToken) =>
        (await Command.RunInAsync(_inside, $"{_program}-save", options, null, cancellationToken)).OrThrow($"{_program}-save").Output;

    private async Task<string> VersionAsync(CancellationToken cancellationToken) =>
        (await Command.RunInAsync(_inside, $"{_program}-restore", ["--version"], null, cancellationToken)).OrThrow($"{_program}-restore --version").Output;

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        if (_removals is null && !_legacy)
        {
            _legacy = !(await VersionAsync(cancellationToken)).Contains("nf_tables", StringComparison.Ordinal);
            _removals = _legacy ? null : new(_family, Tables, _inside);
        }
    }

    private async Task<bool> IsAliveAsync(string canary, CancellationToken cancellationToken)
    {
        foreach (var table in Tables)
        {
            var listed = await Command.RunInAsync(_inside, _program, ["-w", LockSeconds, "-t", table, "-S", canary], null, cancellationToken);
            if (listed.ExitCode != 0)
            {
                return false;
            }
        }

        return true;
    }
}
