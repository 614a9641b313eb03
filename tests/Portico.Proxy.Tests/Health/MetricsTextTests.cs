using Portico.Proxy.Health;

namespace Portico.Proxy.Tests.Health;

public sealed class MetricsTextTests
{
    [Theory]
    [InlineData("http", "port=\"http\"")]
    [InlineData("", "port=\"\"")]
    [InlineData("a\"b\\c\nd", "port=\"a\\\"b\\\\c\\nd\"")]
    public void Label_Value_Escaped(string value, string label) => Assert.Equal(label, MetricsText.Label("port", value));

    [Fact]
    public void Counter_SameMetricFromSeveralWriters_OneHead()
    {
        var text = new MetricsText();
        text.Counter("a_total", "A.", "x=\"1\"", 1);
        text.Counter("b_total", "B.", "", 2);
        text.Counter("a_total", "A.", "x=\"2\"", 12345678901);

        Assert.Equal("# HELP a_total A.\n# TYPE a_total counter\na_total{x=\"1\"} 1\na_total{x=\"2\"} 12345678901\n# HELP b_total B.\n# TYPE b_total counter\nb_total 2\n", text.ToString());
    }
}
