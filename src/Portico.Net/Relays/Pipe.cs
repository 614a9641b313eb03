using Portico.Net.Interop;

namespace Portico.Net.Relays;

internal readonly record struct Pipe(int ReadEnd, int WriteEnd)
{
    public void Close()
    {
        _ = LibC.close(ReadEnd);
        _ = LibC.close(WriteEnd);
    }
}
