using System.ComponentModel;
using System.Runtime.InteropServices;
using Portico.Net.Interop;

namespace Portico.Net.Files;

public static class SymbolicLink
{
    /// <summary>Makes <paramref name="link"/> name <paramref name="target"/> in one step: a reader finds the old or the new target. File.Move can't: it follows the link.</summary>
    public static void Replace(string link, string target)
    {
        var fresh = link + ".new";
        File.Delete(fresh);
        File.CreateSymbolicLink(fresh, target);
        if (LibC.rename(fresh, link) < 0)
        {
            throw new IOException($"link {link} to {target}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }
}
