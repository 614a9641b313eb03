using System.Globalization;
using System.Runtime.InteropServices;
using Portico.Api.Objects;
using Portico.Api.Values;

namespace Portico.Node.Registration;

/// <summary>Facts of the machine, as a Node's status tells them.</summary>
internal sealed record Machine
{
    private const int MaxPods = 110; // as the kubelet's default

    public required IReadOnlyDictionary<string, Quantity> Capacity { get; init; }

    public required NodeSystemInfo Info { get; init; }

    public static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        _ => "amd64",
    };

    public static Machine Read(string version) => new()
    {
        Capacity = new SortedDictionary<string, Quantity>(StringComparer.Ordinal)
        {
            ["cpu"] = new(Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)),
            ["memory"] = new($"{MemoryKilobytes()}Ki"),
            ["ephemeral-storage"] = new($"{new DriveInfo("/").TotalSize / 1024}Ki"),
            ["pods"] = new(MaxPods.ToString(CultureInfo.InvariantCulture)),
        },
        Info = new()
        {
            MachineID = Text("/etc/machine-id"),
            SystemUUID = Text("/sys/class/dmi/id/product_uuid"),
            BootID = Text("/proc/sys/kernel/random/boot_id"),
            KernelVersion = Text("/proc/sys/kernel/osrelease"),
            OsImage = OsImage(),
            ContainerRuntimeVersion = $"portico://{version}",
            KubeletVersion = $"v1.33.0+portico-{version}",
            KubeProxyVersion = "",
            OperatingSystem = "linux",
            Architecture = Architecture,
        },
    };

    private static long MemoryKilobytes()
    {
        foreach (var line in File.ReadLines("/proc/meminfo"))
        {
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal))
            {
                return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }

    private static string OsImage()
    {
        foreach (var line in File.Exists("/etc/os-release") ? File.ReadLines("/etc/os-release") : [])
        {
            if (line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))
            {
                return line["PRETTY_NAME=".Length..].Trim('"');
            }
        }

        return "Linux";
    }

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
