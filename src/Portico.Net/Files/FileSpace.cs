using Microsoft.Win32.SafeHandles;
using Portico.Net.Interop;

namespace Portico.Net.Files;

/// <summary>Disk space of files that others go on writing to.</summary>
public static class FileSpace
{
    private const int PunchHole = 2 | 1; // FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, linux/falloc.h

    /// <summary>Gives back the space of the first <paramref name="length"/> bytes, which read as zeros from then on. Offsets stay as they are.</summary>
    /// <returns>False: the file system can't.</returns>
    public static bool TryRelease(SafeFileHandle file, long length) => LibC.fallocate((int)file.DangerousGetHandle(), PunchHole, 0, length) == 0;
}
