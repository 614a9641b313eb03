namespace Portico.Api.Schemas;

/// <summary>x-kubernetes-list-type: how the elements of a list are told apart.</summary>
public enum ListType
{
    None,
    Atomic,
    Set,
    Map,
}
