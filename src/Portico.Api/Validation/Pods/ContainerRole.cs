namespace Portico.Api.Validation.Pods;

/// <summary>In which list of a pod a container stands.</summary>
internal enum ContainerRole
{
    Main,
    Init,
    Ephemeral,
}
