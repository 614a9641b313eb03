using System.Globalization;
using Portico.Proxy.Configuration;

namespace Portico.Proxy.Nodes;

/// <summary>Sets limits and timeouts of connection tracking, where they differ from what is asked for.</summary>
/// <param name="root">Where /proc and /sys are, for tests; empty: the system's.</param>
public sealed class ConntrackSysctls(string root = "")
{
    private const string Liberal = "nf_conntrack_tcp_be_liberal";

    private readonly List<string> _problems = [];

    /// <summary>Whoever set it: conntrack.tcpBeLiberal, or the administrator.</summary>
    public bool IsLiberal => Read(Sysctl(Liberal)) != 0;

    /// <summary>What could not be set, a sentence each: the proxy works without.</summary>
    public IReadOnlyList<string> Apply(ConntrackSettings settings)
    {
        if (settings.MaxPerCore > 0)
        {
            SetMaximum(Math.Max(settings.Min, settings.MaxPerCore * Environment.ProcessorCount));
        }

        Set("nf_conntrack_tcp_timeout_established", settings.TcpEstablishedTimeout);
        Set("nf_conntrack_tcp_timeout_close_wait", settings.TcpCloseWaitTimeout);
        Set("nf_conntrack_udp_timeout", settings.UdpTimeout);
        Set("nf_conntrack_udp_timeout_stream", settings.UdpStreamTimeout);
        if (settings.TcpBeLiberal)
        {
            Write(Sysctl(Liberal), 1);
        }

        return _problems;
    }

    private string Sysctl(string name) => $"{root}/proc/sys/net/netfilter/{name}";

    private void Set(string name, TimeSpan timeout)
    {
        if (timeout >= TimeSpan.FromSeconds(1))
        {
            Write(Sysctl(name), (int)timeout.TotalSeconds);
        }
    }

    private void SetMaximum(int connections)
    {
        // A full table of buckets is four entries each, as upstream sizes it; a larger table is left.
        var buckets = $"{root}/sys/module/nf_conntrack/parameters/hashsize";
        if (Write(Sysctl("nf_conntrack_max"), connections) && Read(buckets) < connections / 4)
        {
            Write(buckets, connections / 4);
        }
    }

    private static int Read(string path) =>
        File.Exists(path) && int.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private bool Write(string path, int value)
    {
        try
        {
            if (Read(path) != value)
            {
                File.WriteAllText(path, value.ToString(CultureInfo.InvariantCulture));
            }

            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            _problems.Add($"{path} could not be set to {value}: {refused.Message}");
            return false;
        }
    }
}
