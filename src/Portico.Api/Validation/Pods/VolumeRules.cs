namespace Portico.Api.Validation.Pods;

/// <summary>spec.volumes of a pod.</summary>
internal static class VolumeRules
{
    private static readonly string[] FileFields = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

    public static void Validate(Field volumes, Problems problems)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var volume in volumes.Items)
        {
            var name = volume["name"];
            if (Checks.Need(name, problems))
            {
                Checks.Name(name, problems, Names.Label);
                if (!names.Add(name.Text ?? ""))
                {
                    problems.Duplicate(name);
                }
            }

            Source(volume, problems);
        }
    }

    /// <summary>A path below a volume that can't lead out of it.</summary>
    public static void RelativePath(Field path, Problems problems)
    {
        if (path.Text is not { Length: > 0 } text)
        {
            return;
        }

        if (text[0] == '/')
        {
            problems.Invalid(path, "must be a relative path");
        }

        if (text.Split('/').Contains(".."))
        {
            problems.Invalid(path, "must not contain '..'");
        }
    }

    private static void Source(Field volume, Problems problems)
    {
        var given = 0;
        foreach (var (key, value) in volume.Entries)
        {
            if (key == "name" || !value.IsSet)
            {
                continue;
            }

            if (++given > 1)
            {
                problems.Forbidden(volume[key].Path, "may not specify more than 1 volume type");
            }
        }

        if (given == 0)
        {
            problems.Required(volume.Path, "must specify a volume type");
        }

        if (volume["configMap"].IsSet)
        {
            Checks.Need(volume["configMap"]["name"], problems);
            Files(volume["configMap"], problems);
        }

        if (volume["secret"].IsSet)
        {
            Checks.Need(volume["secret"]["secretName"], problems);
            Files(volume["secret"], problems);
        }

        if (volume["hostPath"].IsSet)
        {
            HostPath(volume["hostPath"], problems);
        }

        if (volume["persistentVolumeClaim"].IsSet)
        {
            Checks.Need(volume["persistentVolumeClaim"]["claimName"], problems);
        }

        if (Checks.Amount(volume["emptyDir"]["sizeLimit"]) < 0)
        {
            problems.Forbidden(volume["emptyDir"]["sizeLimit"].Path, "SizeLimit field must be a valid resource quantity");
        }

        Downward(volume["downwardAPI"], problems);
        foreach (var source in volume["projected"]["sources"].Items)
        {
            Downward(source["downwardAPI"], problems);
            if (source["serviceAccountToken"].IsSet)
            {
                Checks.Range(source["serviceAccountToken"]["expirationSeconds"], problems, 600, 1L << 32);
                Checks.Need(source["serviceAccountToken"]["path"], problems);
            }
        }
    }

    private static void HostPath(Field source, Problems problems)
    {
        if (Checks.Need(source["path"], problems) && (source["path"].Text ?? "").Split('/').Contains(".."))
        {
            problems.Invalid(source["path"], "must not contain '..'");
        }

        Checks.OneOf(source["type"], problems, "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket");
    }

    private static void Files(Field source, Problems problems)
    {
        Checks.Range(source["defaultMode"], problems, 0, 511);
        foreach (var item in source["items"].Items)
        {
            Checks.Need(item["key"], problems);
            FilePath(item["path"], problems);
            Checks.Range(item["mode"], problems, 0, 511);
        }
    }

    private static void Downward(Field source, Problems problems)
    {
        Checks.Range(source["defaultMode"], problems, 0, 511);
        foreach (var item in source["items"].Items)
        {
            FilePath(item["path"], problems);
            if (item["fieldRef"].IsSet)
            {
                EnvRules.FieldPath(item["fieldRef"], problems, FileFields);
            }
            else if (!item["resourceFieldRef"].IsSet)
            {
                problems.Required(item.Path, "one of fieldRef and resourceFieldRef is required");
            }
        }
    }

    private static void FilePath(Field path, Problems problems)
    {
        if (Checks.Need(path, problems))
        {
            RelativePath(path, problems);
        }
    }
}
