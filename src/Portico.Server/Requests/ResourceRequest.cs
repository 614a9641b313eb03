using Microsoft.AspNetCore.Http;
using Portico.Api.Kinds;
using Portico.Server.Authentication;
using Portico.Server.Store;

namespace Portico.Server.Requests;

/// <summary>A request for a resource, understood, authenticated and authorized.</summary>
/// <param name="Namespace">Empty for cluster-scoped kinds and for all namespaces.</param>
/// <param name="Name">Empty for the collection.</param>
/// <param name="Subresource">Empty for the object itself.</param>
internal sealed record ResourceRequest(
    HttpContext Context, ResourceKind Kind, string Namespace, string Name, string Subresource, RequestQuery Query, ObjectForm Form, UserInfo User)
{
    public StoreKey Key => new(Kind.GroupResource, Namespace, Name);

    /// <summary>Says something to the user beside the answer (RFC 7234 warn code 299).</summary>
    public void Warn(string text)
    {
        var clean = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        var header = $"299 - \"{string.Concat(clean.Where(static c => c is >= ' ' and < (char)127))}\"";
        Context.Response.Headers.Append("Warning", header);
    }
}
