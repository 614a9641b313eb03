using CsCheck;

namespace Portico.Gateway.Tests.Fakes;

internal static class Pick
{
    public static Gen<string> From(params string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
