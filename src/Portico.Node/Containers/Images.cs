using Portico.Api.Objects;

namespace Portico.Node.Containers;

/// <summary>What an image's name runs here: there is no registry, only this binary and the machine's own programs.</summary>
internal static class Images
{
    private const string BuiltIn = "portico.dev/";

    /// <returns>False and a message that names the images that there are, when there is no such image.</returns>
    public static bool TryEntryPoint(string image, string programPath, IReadOnlyList<string> builtIns, out IReadOnlyList<string> entryPoint, out string message)
    {
        message = "";
        entryPoint = [];
        if (IsHost(image))
        {
            return true;
        }

        if (image.StartsWith(BuiltIn, StringComparison.Ordinal) && image.EndsWith(":1", StringComparison.Ordinal)
            && image[BuiltIn.Length..^2] is var name && builtIns.Contains(name))
        {
            entryPoint = [programPath, name];
            return true;
        }

        message = $"image \"{image}\" is not on this node: use {string.Join(", ", builtIns.Select(known => $"{BuiltIn}{known}:1"))}, or \"host\" with a command of the machine";
        return false;
    }

    public static bool IsHost(string image) => image is "host" or "host:latest";

    /// <summary>The program and its arguments, as the container runtime interface says it: command replaces the entry point, args what follows.</summary>
    public static IReadOnlyList<string> CommandLine(Container container, IReadOnlyList<string> entryPoint, IReadOnlyDictionary<string, string> variables) =>
        [
            .. container.Command.Count > 0 ? container.Command.Select(word => Expansion.Expand(word, variables)) : entryPoint,
            .. container.Args.Select(word => Expansion.Expand(word, variables)),
        ];
}
