using Portico.Net.Interop;

namespace Portico.Net.Processes;

public static class Privileges
{
    /// <summary>Effective user id 0.</summary>
    public static bool IsRoot => LibC.geteuid() == 0;
}
