using System.Globalization;
using System.Text;
using Portico.Api.Objects;
using Portico.Net.Mounts;
using Portico.Node.Agents;
using Portico.Node.Records;

namespace Portico.Node.Volumes;

/// <summary>The files of a pod: its volumes, service account, and what is in /etc.</summary>
internal sealed class PodFiles(RecordStore store, IClusterObjects objects, NodeAgentOptions options)
{
    public const string ServiceAccountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    // As upstream's sync period of volumes.
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(60);

    /// <summary>Writes everything anew that has changed.</summary>
    /// <returns>Why the pod can't start, or null and when to come again.</returns>
    public async Task<(string? Error, DateTimeOffset? Due)> WriteAsync(Pod pod, PodRecord record, DateTimeOffset? tokenDue, CancellationToken cancellationToken)
    {
        WriteEtc(pod, record);
        var now = options.Time.GetUtcNow();
        DateTimeOffset? due = null;
        if (pod.Spec.Volumes.Count > 0)
        {
            var references = await ReferenceReader.ReadAsync(pod, objects, cancellationToken);
            foreach (var volume in pod.Spec.Volumes)
            {
                if (VolumeFiles.Compile(volume, references, out var error) is not { } files)
                {
                    return ($"MountVolume.SetUp failed for volume \"{volume.Name}\" : {error}", null);
                }

                if (volume.EmptyDir is not null)
                {
                    Directory.CreateDirectory(VolumeDirectory(record, volume.Name), (UnixFileMode)0b111_111_111);
                    continue;
                }

                due = now + RefreshInterval;
                VolumeWriter.Write(VolumeDirectory(record, volume.Name), files, Generation(now));
            }
        }

        if (!MountsServiceAccount(pod))
        {
            return (null, due);
        }

        if (tokenDue is null || tokenDue <= now)
        {
            try
            {
                tokenDue = await WriteServiceAccountAsync(pod, record, now, cancellationToken);
            }
            catch (IOException refused)
            {
                return ($"MountVolume.SetUp failed for volume \"kube-api-access\" : {refused.Message}", null);
            }
        }

        return (null, due < tokenDue ? due : tokenDue);
    }

    /// <summary>What one container finds where.</summary>
    public IReadOnlyList<BindMount> Mounts(Pod pod, PodRecord record, Container container)
    {
        var etc = EtcDirectory(record);
        var mounts = new List<BindMount> { new($"{etc}/hosts", "/etc/hosts"), new($"{etc}/hostname", "/etc/hostname") };
        if (pod.Spec.DnsPolicy != "Default")
        {
            mounts.Add(new($"{etc}/resolv.conf", "/etc/resolv.conf"));
        }

        if (MountsServiceAccount(pod) && container.VolumeMounts.All(mount => mount.MountPath != ServiceAccountPath))
        {
            mounts.Add(new(ServiceAccountDirectory(record), ServiceAccountPath, ReadOnly: true));
        }

        foreach (var mount in container.VolumeMounts.OrderBy(mount => mount.MountPath.Length))
        {
            var volume = pod.Spec.Volumes.FirstOrDefault(candidate => candidate.Name == mount.Name);
            var source = VolumeDirectory(record, mount.Name);
            if (mount.SubPath is { Length: > 0 } subPath && !subPath.Split('/').Contains(".."))
            {
                source = Path.Combine(source, subPath);
                if (!Path.Exists(source))
                {
                    Directory.CreateDirectory(source);
                }

                source = File.ResolveLinkTarget(source, returnFinalTarget: true)?.FullName ?? source;
            }

            mounts.Add(new(source, mount.MountPath, mount.ReadOnly == true || volume?.EmptyDir is null));
        }

        return mounts;
    }

    public static string Hostname(Pod pod)
    {
        var name = pod.Spec.Hostname is { Length: > 0 } chosen ? chosen : pod.Metadata.Name;
        return name.Length <= 63 ? name : name[..63].TrimEnd('-', '.');
    }

    private static bool MountsServiceAccount(Pod pod) => pod.Spec.AutomountServiceAccountToken != false;

    private static string Generation(DateTimeOffset now) => now.UtcTicks.ToString("x", CultureInfo.InvariantCulture);

    private string VolumeDirectory(PodRecord record, string volume) => Path.Combine(store.DirectoryOf(record.Id), "volumes", volume);

    private string ServiceAccountDirectory(PodRecord record) => Path.Combine(store.DirectoryOf(record.Id), "serviceaccount");

    private string EtcDirectory(PodRecord record) => Path.Combine(store.DirectoryOf(record.Id), "etc");

    /// <returns>When the token must be renewed: after 80 % of its life, as upstream.</returns>
    private async Task<DateTimeOffset> WriteServiceAccountAsync(Pod pod, PodRecord record, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var token = await objects.RequestTokenAsync(pod, cancellationToken);
        VolumeWriter.Write(
            ServiceAccountDirectory(record),
            new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
            {
                ["token"] = Encoding.UTF8.GetBytes(token.Token),
                ["ca.crt"] = Encoding.UTF8.GetBytes(options.Authority.ExportCertificatePem() + "\n"),
                ["namespace"] = Encoding.UTF8.GetBytes(pod.Metadata.Namespace),
            },
            Generation(now));
        return now + ((token.Expires - now) * 0.8);
    }

    private void WriteEtc(Pod pod, PodRecord record)
    {
        var directory = EtcDirectory(record);
        if (Directory.Exists(directory))
        {
            return;
        }

        var (hostname, domain) = (Hostname(pod), options.ClusterDomain);
        var names = pod.Spec.Subdomain is { Length: > 0 } subdomain
            ? $"{hostname}.{subdomain}.{pod.Metadata.Namespace}.svc.{domain}\t{hostname}"
            : hostname;
        Directory.CreateDirectory(directory);
        File.WriteAllText($"{directory}/hosts", $"# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n{record.Address}\t{names}\n");
        File.WriteAllText($"{directory}/hostname", hostname + "\n");
        File.WriteAllText(
            $"{directory}/resolv.conf",
            $"search {pod.Metadata.Namespace}.svc.{domain} svc.{domain} {domain}\nnameserver {options.ClusterDns}\noptions ndots:5\n");
    }
}
