using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Portico.Server.Store;

namespace Portico.Server.Resources;

/// <summary>Where the next page of a list begins, opaque to clients.</summary>
internal readonly record struct ContinueToken(long Revision, string Namespace, string Name)
{
    public StoreKey Key(string resource) => new(resource, Namespace, Name);

    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"1/{Revision}/{Namespace}/{Name}"));

    public static bool TryDecode(string text, out ContinueToken token)
    {
        token = default;
        if (!Base64Url.IsValid(text)
            || Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('/') is not ["1", var revision, var @namespace, var name]
            || !long.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        token = new(number, @namespace, name);
        return true;
    }
}
