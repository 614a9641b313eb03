using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portico.Server.Resources;
using Portico.Server.Store;

namespace Portico.Server.Answers;

/// <summary>A list: the stored bytes, one after another, with a frame around them.</summary>
internal sealed class ListAnswer(string apiVersion, string kind, ListPage page, Func<StoredObject, byte[]> item) : Answer
{
    private const int FlushAt = 64 * 1024;

    public override async Task WriteAsync(HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "application/json";
        var writer = context.Response.BodyWriter;
        Write(writer, Head());
        var first = true;
        long unflushed = 0;
        foreach (var one in page.Items)
        {
            if (!first)
            {
                writer.Write(","u8);
            }

            first = false;
            var json = item(one);
            writer.Write(json);
            unflushed += json.Length;
            if (unflushed >= FlushAt)
            {
                await writer.FlushAsync(cancellationToken);
                unflushed = 0;
            }
        }

        writer.Write("]}\n"u8);
        await writer.FlushAsync(cancellationToken);
    }

    private static void Write(PipeWriter writer, string text) => Encoding.UTF8.GetBytes(text, writer);

    private string Head()
    {
        var remaining = page.Remaining is { } count ? $",\"remainingItemCount\":{count.ToString(CultureInfo.InvariantCulture)}" : "";
        var next = page.Continue.Length > 0 ? $",\"continue\":\"{page.Continue}\"" : "";
        var revision = page.Revision.ToString(CultureInfo.InvariantCulture);
        return $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{apiVersion}\",\"metadata\":{{\"resourceVersion\":\"{revision}\"{next}{remaining}}},\"items\":[";
    }
}
