using Portico.Api.Kinds;

namespace Portico.Client.Caches;

/// <summary>One change of a cache: added when <see cref="Old"/> is null, deleted when <see cref="New"/> is.</summary>
public readonly record struct ObjectChange<T>(ObjectKey Key, T? Old, T? New)
    where T : class;
