using System.Net;

namespace Portico.EndToEnd.Echo;

/// <summary>A request body that is written while the answer is read.</summary>
internal sealed class OpenContent(Func<Stream, Task> write) : HttpContent
{
    /// <summary>"one" at once, "two" when told to go on.</summary>
    public static OpenContent TwoParts(Task goOn) => new(async stream =>
    {
        await stream.WriteAsync("one"u8.ToArray());
        await stream.FlushAsync();
        await goOn;
        await stream.WriteAsync("two"u8.ToArray());
    });

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
