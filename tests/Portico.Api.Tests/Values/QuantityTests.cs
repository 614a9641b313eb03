using System.Globalization;
using CsCheck;
using Portico.Api.Values;

namespace Portico.Api.Tests.Values;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("1", "1")]
    [InlineData("100m", "0.1")]
    [InlineData("1.5Gi", "1610612736")]
    [InlineData("1Ei", "1152921504606846976")]
    [InlineData("1E", "1000000000000000000")]
    [InlineData("1e3", "1000")]
    [InlineData("1E3", "1000")]
    [InlineData("1e-3", "0.001")]
    [InlineData("-1k", "-1000")]
    [InlineData("+5", "5")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("5n", "0.000000005")]
    public void TryParse_Quantity_HasItsValue(string text, string value)
    {
        Assert.True(Quantity.TryParse(text, out var parsed));
        Assert.Equal(decimal.Parse(value, CultureInfo.InvariantCulture), parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1GB")]
    [InlineData("1 Gi")]
    [InlineData("Gi")]
    [InlineData("1.2.3")]
    [InlineData("--1")]
    [InlineData("1e")]
    [InlineData("1e99")]
    [InlineData("1,000")]
    [InlineData("0x10")]
    [InlineData(".")]
    [InlineData("99999999999999999999999999999999")]
    [InlineData("9999999999999999999999999Ei")]
    public void TryParse_NoQuantity_IsRefused(string text) => Assert.False(Quantity.TryParse(text, out _));

    [Fact]
    public void TryParse_AnyText_NeverThrows() => Gen.String[Gen.Char["0123456789.+-eEKMGTPiknmu "], 0, 40].Sample(text => Quantity.TryParse(text, out var value) || value == 0);

    [Theory]
    [InlineData("25%", 10, true, 3)]
    [InlineData("25%", 10, false, 2)]
    [InlineData("0%", 10, true, 0)]
    [InlineData("100%", 7, true, 7)]
    [InlineData("200%", 2147483647, false, int.MaxValue)]
    public void Scale_Percentage_RoundsAsAsked(string text, int total, bool up, int expected) => Assert.Equal(expected, new IntOrString(text).Scale(total, up));

    [Theory]
    [InlineData("http")]
    [InlineData("25")]
    [InlineData("-1%")]
    [InlineData("%")]
    public void Scale_NoPercentage_IsNull(string text) => Assert.Null(new IntOrString(text).Scale(10, true));
}
