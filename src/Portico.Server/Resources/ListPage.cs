using Portico.Server.Store;

namespace Portico.Server.Resources;

/// <summary>One page of a list.</summary>
/// <param name="Continue">Empty on the last page.</param>
/// <param name="Remaining">Objects after this page; null when unknown because a selector is in play.</param>
internal sealed record ListPage(long Revision, IReadOnlyList<StoredObject> Items, string Continue, int? Remaining);
