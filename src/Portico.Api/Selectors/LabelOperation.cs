namespace Portico.Api.Selectors;

/// <summary>What a requirement asks of a label; = and == are In, != is NotIn.</summary>
internal enum LabelOperation
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
    Greater,
    Less,
}
