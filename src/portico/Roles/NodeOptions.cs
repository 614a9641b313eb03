using Portico.Proxy.Configuration;

namespace Portico.Cli.Roles;

/// <summary>The command line of <c>portico node</c>.</summary>
internal sealed record NodeOptions
{
    public string? ConfigFile { get; init; }

    public string? WriteConfigTo { get; init; }

    public bool Cleanup { get; init; }

    public bool InitOnly { get; init; }

    public string? Master { get; init; }

    /// <summary>Flags of the configuration that were given, without dashes.</summary>
    public required IReadOnlyDictionary<string, string> Flags { get; init; }

    /// <summary>Every flag there is, with the value given or the default.</summary>
    public IReadOnlyDictionary<string, string> AllFlags
    {
        get
        {
            var all = new Dictionary<string, string>
            {
                ["config"] = ConfigFile ?? "", ["write-config-to"] = WriteConfigTo ?? "", ["cleanup"] = Cleanup ? "true" : "false",
                ["init-only"] = InitOnly ? "true" : "false", ["master"] = Master ?? "",
            };
            foreach (var known in ConfigurationFields.All)
            {
                if (known.Flag is { } name)
                {
                    all[name] = Flags.GetValueOrDefault(name, known.Default);
                }
            }

            return all;
        }
    }
}
